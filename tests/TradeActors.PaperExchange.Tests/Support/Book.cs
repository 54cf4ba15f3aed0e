using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.PaperExchange.Tests.Support;

/// <summary>One book run through its behaviour, message by message. Everything that an engine would store goes through JSON.</summary>
internal sealed class Book
{
    public static readonly EntityId Id = new("t1", EntityKind.PaperExchange, "c1");
    private readonly PaperExchangeBehavior _behavior;
    private readonly StoredTypes _types = new StoredTypes().AddPaperExchange();
    private readonly RowSink _rows = new();
    private int _quotes;

    private Book(bool hasSessions = false) => _behavior = new(new TestInstruments { HasSessions = hasSessions });

    public Book(PaperSettings? settings, bool hasSessions = false)
        : this(hasSessions) => Ask<PaperBookReply>(new OpenPaperBook(settings ?? Given.Settings));


    public PaperExchangeState State { get; private set; } = PaperExchangeState.Empty;

    public DateTimeOffset Now { get; set; } = Given.Start;

    public Quote? Last { get; private set; }

    /// <summary>As stored: name and payload.</summary>
    public List<(string Name, byte[] Payload)> Journal { get; } = [];

    public List<object> Events { get; } = [];

    /// <summary>What the state was before each of <see cref="Events"/>.</summary>
    public List<PaperExchangeState> Before { get; } = [];

    /// <summary>All reports ever made, also those that have been dropped.</summary>
    public List<BrokerReport> Reports { get; } = [];

    public IReadOnlyDictionary<RowKey, Row> Rows => _rows.Rows;

    public Pending Pending => _behavior.Pending(Id, State);

    public IEnumerable<BrokerReport> Fills => Reports.Where(report => report.ExecType == ExecType.Trade);

    public static Book Unopened() => new();

    public static Book Opened() => new(Given.Settings);

    public T Ask<T>(object message) => (T)Tell(message)!;

    public object? Tell(object message)
    {
        message = message is QuoteArrived or Activated or TimerFired ? message : RoundTrip(message);
        var row = _behavior.Lookup(Id, State, message) is [var key, ..] ? _rows.Rows.GetValueOrDefault(key) : null;
        var reaction = _behavior.Decide(State, message, new EntityContext(Id, Now, LookedUp: row));
        foreach (var @event in reaction.Events)
        {
            Store(@event);
        }

        return reaction.Reply is { } reply ? RoundTrip(reply) : null;
    }

    public PaperPlaceReply Place(string clOrdId, OrderTerms terms, Quote? quote = null) =>
        Ask<PaperPlaceReply>(new PlacePaperOrder(clOrdId, terms, quote ?? Last, 0));

    public void Quote(decimal bid, decimal ask, decimal? bidSize = null, decimal? askSize = null, DateTimeOffset? at = null)
    {
        Last = Given.Quote(bid, ask, bidSize, askSize, at: ++_quotes) with { At = at ?? Given.Start.AddMilliseconds(_quotes) };
        if (Pending.TickSymbols.Contains(Given.Future))
        {
            Tell(new QuoteArrived(Last));
        }
    }

    /// <summary>Lets the clock come to a time and fires what is due then.</summary>
    public void Reach(DateTimeOffset time)
    {
        Now = time;
        foreach (var timer in Pending.Timers.Where(timer => timer.Due <= time))
        {
            Tell(new TimerFired(timer.Key));
        }
    }

    public BrokerOrder Order(string clOrdId) => Ask<PaperFindReply>(new FindPaperOrder(clOrdId)).Order!;

    public string StateJson() => System.Text.Encoding.UTF8.GetString(_types.Encode(State).Payload);

    /// <summary>The state that a reload from the stored events gives.</summary>
    public PaperExchangeState Replay() => Journal
        .Select(stored => _types.Decode(stored.Name, stored.Payload))
        .Aggregate(PaperExchangeState.Empty, PaperExchange.Apply);

    /// <summary>As after a crash: the state is read back from its snapshot.</summary>
    public void Reload() => State = (PaperExchangeState)RoundTrip(State);

    public void Adopt(PaperExchangeState state) => State = state;

    private void Store(object @event)
    {
        var stored = _types.Encode(@event);
        Journal.Add(stored);
        var decoded = _types.Decode(stored.Name, stored.Payload);
        Events.Add(decoded);
        Before.Add(State);
        var before = State;
        State = PaperExchange.Apply(State, decoded);
        _behavior.Project(Id, before, new StampedEvent(Journal.Count, Now, decoded), State, _rows);
        Reports.AddRange(State.Reports.Where(report => long.Parse(report.Cursor) > before.LastReport));
    }

    private object RoundTrip(object value)
    {
        var (name, payload) = _types.Encode(value);
        return _types.Decode(name, payload);
    }
}
