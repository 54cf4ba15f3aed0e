using System.Collections.Immutable;
using System.Text.Json.Serialization;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Tests.Core;

// A small entity with one of everything that the runtime offers.

public sealed record Put(string Id, int Amount);
public sealed record GetTotal;
public sealed record Pay(string Id, EntityId To, int Amount);
public sealed record Paid(int Amount);
public sealed record Tell(ImmutableArray<EntityId> To, int Amount);
public sealed record Explode(string Id, int Times);
public sealed record CallOut(string Id);
public sealed record CallDone(string Id);
public sealed record RemindAt(DateTimeOffset At);
public sealed record WatchQuotes(string Symbol);
public sealed record TotalIs(int Total, bool IsRepeat);

public sealed record Added(string Id, int Amount);
public sealed record Told(long Number, ImmutableArray<EntityId> To, int Amount);
public sealed record TellCompleted(long Number);
public sealed record CallWanted(string Id);
public sealed record CallEnded(string Id);
public sealed record ReminderSet(DateTimeOffset? At);
public sealed record QuotesWanted(string? Symbol);

public sealed record LedgerState(
    ImmutableSortedDictionary<string, int> Entries,
    ImmutableSortedDictionary<long, Told> Tellings,
    long LastTelling,
    ImmutableSortedSet<string> Calls,
    DateTimeOffset? Reminder,
    string? Symbol,
    int Reminded)
{
    public static readonly LedgerState Empty = new(
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal), ImmutableSortedDictionary<long, Told>.Empty, 0,
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal), null, null, 0);

    [JsonIgnore]
    public int Total => Entries.Values.Sum();
}

public sealed class LedgerBehavior : IEntityBehavior
{
    public const string KindName = "ledger";

    /// <summary>How often <see cref="Explode"/> has been judged, by id: behaviours hold no state, a test may.</summary>
    public Dictionary<string, int> Explosions { get; } = [];

    public string Kind => KindName;

    public bool TakesInbox { get; set; }

    public int SnapshotSchema { get; set; } = 1;

    public object Empty => LedgerState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context)
    {
        var ledger = (LedgerState)state;
        switch (message)
        {
            case Put m when ledger.Entries.ContainsKey(m.Id):
                return Reaction.Answer(new TotalIs(ledger.Total, true));
            case Put m:
                return new Reaction([new Added(m.Id, m.Amount)], [], new TotalIs(ledger.Total + m.Amount, false));
            case GetTotal:
                return Reaction.Answer(new TotalIs(ledger.Total, false));
            case Pay m when ledger.Entries.ContainsKey(m.Id):
                return Reaction.Answer(new TotalIs(ledger.Total, true));
            case Pay m:
                return new Reaction([new Added(m.Id, -m.Amount)], [new Outgoing(m.To, new Paid(m.Amount))], new TotalIs(ledger.Total - m.Amount, false));
            case Paid m:
                return new Reaction([new Added($"from {context.Sender} {ledger.Entries.Count}", m.Amount)], [], null);
            case Tell m:
                return new Reaction([new Told(ledger.LastTelling + 1, m.To, m.Amount)], [], new TotalIs(ledger.Total, false));
            case FanOutPart { Terms: LedgerTypes.Poison }:
                throw new InvalidOperationException("The part is poisoned.");
            case FanOutPart part:
                return new Reaction([new Added($"told {part.Number} by {context.Sender} {context.Lane}", (int)part.Terms!)], [], null);
            case FanOutDelivered m:
                return new Reaction([new TellCompleted(m.Number)], [], null);
            case Explode m:
                Explosions[m.Id] = Explosions.GetValueOrDefault(m.Id) + 1;
                return Explosions[m.Id] <= m.Times ? throw new InvalidOperationException($"{m.Id} explodes") : Reaction.Answer(new TotalIs(ledger.Total, false));
            case CallOut m:
                return new Reaction([new CallWanted(m.Id)], [], new TotalIs(ledger.Total, false));
            case CallDone m:
                return ledger.Calls.Contains(m.Id) ? new Reaction([new CallEnded(m.Id)], [], null) : Reaction.Nothing;
            case RemindAt m:
                return new Reaction([new ReminderSet(m.At)], [], new TotalIs(ledger.Total, false));
            case WatchQuotes m:
                return new Reaction([new QuotesWanted(m.Symbol)], [], new TotalIs(ledger.Total, false));
            case TimerFired when ledger.Reminder is null:
                return Reaction.Nothing; // Fired again because its append was lost, and handled by then.
            case TimerFired:
                return new Reaction([new ReminderSet(null)], [], null) { Warnings = ["Reminded."] };
            case QuoteArrived m:
                return new Reaction([new Added($"quote {m.Quote.Last}", 1), new QuotesWanted(null)], [], null);
            case Activated:
                return Reaction.Nothing;
            default:
                throw new NotSupportedException(message.GetType().Name);
        }
    }

    public object Apply(object state, object @event)
    {
        var ledger = (LedgerState)state;
        return @event switch
        {
            Added e => ledger with { Entries = ledger.Entries.Add(e.Id, e.Amount) },
            Told e => ledger with { Tellings = ledger.Tellings.Add(e.Number, e), LastTelling = e.Number },
            TellCompleted e => ledger with { Tellings = ledger.Tellings.Remove(e.Number) },
            CallWanted e => ledger with { Calls = ledger.Calls.Add(e.Id) },
            CallEnded e => ledger with { Calls = ledger.Calls.Remove(e.Id) },
            ReminderSet e => ledger with { Reminder = e.At, Reminded = ledger.Reminded + (e.At is null ? 1 : 0) },
            QuotesWanted e => ledger with { Symbol = e.Symbol },
            _ => throw new NotSupportedException(@event.GetType().Name),
        };
    }

    public Pending Pending(EntityId self, object state)
    {
        var ledger = (LedgerState)state;
        return new Pending(
            [.. ledger.Calls.Select(id => new Effect(id, new CallOut(id), EndsBeforeMove: true))],
            ledger.Reminder is { } at ? [new EntityTimer("remind", at)] : [],
            [
                .. ledger.Tellings.Values.Select(told => new FanOut(
                    told.Number, new Paid(told.Amount), [.. told.To.Select(to => new FanOutMember(to, "lane", told.Number - 1, told.Amount))])),
            ],
            ledger.Symbol is { } symbol ? [symbol] : []);
    }

    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) =>
        message is FanOutPart { Terms: LedgerTypes.Poison } && context.Sender is { } sender ? [new Outgoing(sender, new Paid(-1))] : [];

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        if (@event.Event is Added added)
        {
            rows.Put(new RowKey(ReadTable.Texts, self.Tenant, self.Key, added.Id), @event.Seq, "", new TextRow(added.Amount.ToString()));
            rows.Put(new RowKey(ReadTable.Texts, self.Tenant, self.Key, "total"), @event.Seq, "", new TextRow(((LedgerState)after).Total.ToString()));
        }
    }
}

[JsonSerializable(typeof(LedgerState))]
[JsonSerializable(typeof(Put))]
[JsonSerializable(typeof(Paid))]
[JsonSerializable(typeof(GetTotal))]
[JsonSerializable(typeof(TotalIs))]
[JsonSerializable(typeof(Pay))]
[JsonSerializable(typeof(Tell))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(Explode))]
[JsonSerializable(typeof(Added))]
[JsonSerializable(typeof(Told))]
[JsonSerializable(typeof(TellCompleted))]
[JsonSerializable(typeof(CallWanted))]
[JsonSerializable(typeof(CallEnded))]
[JsonSerializable(typeof(ReminderSet))]
[JsonSerializable(typeof(QuotesWanted))]
internal sealed partial class LedgerJson : JsonSerializerContext;

internal static class LedgerTypes
{
    /// <summary>The amount on which every ledger fails that is told it.</summary>
    public const int Poison = 13;

    public static StoredTypes Create() => new StoredTypes()
        .Add("ledger.state", LedgerJson.Default.LedgerState)
        .Add("ledger.put.v1", LedgerJson.Default.Put)
        .Add("ledger.paid.v1", LedgerJson.Default.Paid)
        .Add("ledger.get-total.v1", LedgerJson.Default.GetTotal)
        .Add("ledger.total-is.v1", LedgerJson.Default.TotalIs)
        .Add("ledger.pay.v1", LedgerJson.Default.Pay)
        .Add("ledger.tell.v1", LedgerJson.Default.Tell)
        .Add("ledger.terms.v1", LedgerJson.Default.Int32)
        .Add("ledger.explode.v1", LedgerJson.Default.Explode)
        .Add("ledger.added.v1", LedgerJson.Default.Added)
        .Add("ledger.told.v1", LedgerJson.Default.Told)
        .Add("ledger.tell-completed.v1", LedgerJson.Default.TellCompleted)
        .Add("ledger.call-wanted.v1", LedgerJson.Default.CallWanted)
        .Add("ledger.call-ended.v1", LedgerJson.Default.CallEnded)
        .Add("ledger.reminder-set.v1", LedgerJson.Default.ReminderSet)
        .Add("ledger.quotes-wanted.v1", LedgerJson.Default.QuotesWanted);
}
