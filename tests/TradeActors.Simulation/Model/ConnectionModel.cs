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
    public decimal Leaves { get; set; }
}

internal sealed class ConnectionModel(EntityId id)
{
    private readonly SortedDictionary<string, IntentModel> _intents = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _open = new(StringComparer.Ordinal);

    public EntityId Id { get; } = id;

    /// <summary>Executions booked from the broker's stream.</summary>
    public SortedSet<string> ExecIds { get; } = new(StringComparer.Ordinal);

    /// <summary>The latest halt since which it stores no intent for what was planned before.</summary>
    public long Halts { get; private set; }

    /// <summary>Every report up to here is stored.</summary>
    public string? Cursor { get; private set; }

    public IntentModel? Intent(string clOrdId) => _intents.GetValueOrDefault(clOrdId);

    public void Stored(ConnectionEvent @event, DateTimeOffset now)
    {
        Cursor = (@event as ReportBooked)?.Report.Cursor ?? (@event as ReportPassed)?.Cursor ?? Cursor;
        switch (@event)
        {
            case IntentStored e:
                if (!_intents.TryAdd(e.ClOrdId, new IntentModel { Attempts = 1, StoredAt = now, Leaves = e.Terms.OrderQty }))
                {
                    throw new SimulationFailure("NothingTwice", $"{Id} has stored the intent of {e.ClOrdId} twice.");
                }

                _open.Add(e.ClOrdId);
                break;
            case IntentRenewed e:
                _intents[e.ClOrdId].Attempts++;
                _intents[e.ClOrdId].StoredAt = now;
                break;
            case EntriesHalted e:
                Halts = e.Halts;
                break;
            case OrderEnded e:
                _open.Remove(e.ClOrdId);
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
        if (_intents.TryGetValue(report.ClOrdId!, out var intent))
        {
            intent.Leaves -= report.LastQty;
            if (intent.Leaves <= 0m || report.ExecType is ExecType.Canceled or ExecType.Rejected or ExecType.Expired)
            {
                _open.Remove(report.ClOrdId!);
            }
        }
    }

    /// <summary>Every fill at the broker is booked. One that came after its order was told as over may wait for the next session.</summary>
    public string? Unsettled(IBrokerBook broker) => broker.Reports
        .Where(report => report.ExecType == ExecType.Trade && !ExecIds.Contains(report.ExecId) && !broker.IsStray(report))
        .Select(report => $"{Id} has not booked {report.ExecId} ({report.LastQty} of {report.ClOrdId}).").FirstOrDefault();
}
