using System.Globalization;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

internal sealed class IntentModel
{
    /// <summary>How often the intent has been stored: each allows one send.</summary>
    public int Attempts { get; set; }
    public int Sends { get; set; }

    /// <summary>By the world's clock, whatever the writing node's said.</summary>
    public DateTimeOffset StoredAt { get; set; }

    /// <summary>By that of the node.</summary>
    public DateTimeOffset SendBefore { get; set; }
    public decimal Leaves { get; set; }
}

internal sealed class ConnectionModel(EntityId id, SimWorld world)
{
    private readonly SortedDictionary<string, IntentModel> _intents = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _open = new(StringComparer.Ordinal);

    public EntityId Id { get; } = id;

    /// <summary>Executions booked from the broker's stream.</summary>
    public SortedSet<string> ExecIds { get; } = new(StringComparer.Ordinal);

    /// <summary>The latest halt since which it stores no intent for what was planned before.</summary>
    public long Halts { get; private set; }

    /// <summary>Every report up to here has been stored, 0 for none. A repeat that is heard late puts the connection's cursor back, and this not.</summary>
    public long LastReport { get; private set; }

    public IntentModel? Intent(string clOrdId) => _intents.GetValueOrDefault(clOrdId);

    public void Stored(ConnectionEvent @event, DateTimeOffset now)
    {
        if (((@event as ReportBooked)?.Report.Cursor ?? (@event as ReportPassed)?.Cursor) is { } cursor)
        {
            LastReport = Math.Max(LastReport, long.Parse(cursor, CultureInfo.InvariantCulture));
        }

        switch (@event)
        {
            case IntentStored e:
                if (!_intents.TryAdd(e.ClOrdId, new IntentModel { Attempts = 1, StoredAt = now, SendBefore = e.SendBefore, Leaves = e.Terms.OrderQty }))
                {
                    throw new SimulationFailure("NothingTwice", $"{Id} has stored the intent of {e.ClOrdId} twice.");
                }

                _open.Add(e.ClOrdId);
                break;
            case IntentRenewed e:
                CheckNotPlaced(e.ClOrdId);
                _intents[e.ClOrdId].Attempts++;
                _intents[e.ClOrdId].StoredAt = now;
                _intents[e.ClOrdId].SendBefore = e.SendBefore;
                break;
            case IntentAbandoned e:
                CheckNotPlaced(e.ClOrdId);
                break;
            case DriftConfirmed e:
                throw new SimulationFailure("AlarmsAreTrue", $"{Id} says that {e.Quantity} {e.Symbol} is not accounted for, and every fill is reported sooner or later.");
            case EntriesHalted e:
                Halts = e.Halts;
                break;
            case OrderEnded e:
                _open.Remove(e.ClOrdId);
                break;
            case OrderRevived e:
                _open.Add(e.ClOrdId);
                break;
            case ReportBooked { Report: { ExecType: ExecType.Trade } report } when !ExecIds.Add(report.ExecId):
                throw new SimulationFailure("FillsBookedOnce", $"{Id} has booked {report.ExecId} twice.");
            case ReportBooked e:
                Book(e.Report);
                break;
        }
    }

    /// <summary>While an order is open its broker must be listened to.</summary>
    public (DateTimeOffset? Due, string? Why) DueAt() => _open.Count == 0 ? (null, null) : (DateTimeOffset.MinValue, $"{_open.Min} is open");

    private void Book(BrokerReport report)
    {
        if (report.ClOrdId is { } clOrdId && _intents.TryGetValue(clOrdId, out var intent))
        {
            intent.Leaves -= report.LastQty;
            if (intent.Leaves <= 0m || report.ExecType is ExecType.Canceled or ExecType.Rejected or ExecType.Expired)
            {
                _open.Remove(clOrdId);
            }
        }
    }

    /// <summary>Every fill at the broker is booked, whenever and by whomever it was made.</summary>
    public string? Unsettled(IBrokerBook broker) => broker.HasMore ? $"{Id}: the broker is not done." : broker.Fills
        .Where(fill => !ExecIds.Contains(fill.ExecId))
        .Select(fill => $"{Id} has not booked {fill.ExecId} ({fill.SignedQty} {fill.Symbol} of {fill.ClOrdId ?? "somebody else"}).").FirstOrDefault();

    /// <summary>Nobody can know before its deadline, the time-out and the listing lag are over that an order was not placed (PROTOCOL 1).</summary>
    private void CheckNotPlaced(string clOrdId)
    {
        var traits = world.Book(Id).Traits;
        var from = _intents[clOrdId].SendBefore + traits.RequestTimeout + traits.ListingLag;
        if (world.ClocksAgree && world.Now < from)
        {
            throw new SimulationFailure("NotFoundIsNotEarly", $"{Id} takes {clOrdId} for not placed, and can know that from {from:O} on.");
        }
    }
}
