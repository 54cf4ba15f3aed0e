using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Simulation.Clients;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <param name="Side">Of the entry that the plan makes; null when it makes none or leaves it to each account.</param>
/// <param name="Settings">What accounts are told of the recorder's settings at acceptance; <paramref name="Terms"/>: of the subscription's.</param>
/// <param name="EnterBy">After this the entry is too old for this subscription.</param>
internal sealed record FanOutModel(long Number, string SignalId, Side? Side, SignalPlan Plan, Settings Settings, SubscriptionTerms Terms, DateTimeOffset EnterBy);

/// <summary>What one subscription must receive, in order.</summary>
internal sealed record LaneModel(string RecorderKey, string Lane, EntityId Account, List<FanOutModel> FanOuts)
{
    /// <summary>Where a fan-out stands; null when the lane takes no part in it.</summary>
    public int? PlaceOf(long number)
    {
        var (low, high) = (0, FanOuts.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (FanOuts[middle].Number == number)
            {
                return middle;
            }

            (low, high) = FanOuts[middle].Number < number ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}

internal sealed class RecorderModel(EntityId id, SimWorld world)
{
    private readonly SortedDictionary<string, LaneModel> _lanes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _enabled = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SignalState> _seen = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _open = [];
    private readonly List<string> _accepted = [];
    private readonly Dictionary<string, List<(string SignalId, Meaning Meaning)>> _acceptedByBody = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SubscriptionTerms> _terms = new(StringComparer.Ordinal);
    private Settings _settings = Settings.None;
    private bool _isDedupEdited;
    private long _lastSignal;

    public EntityId Id { get; } = id;

    public IReadOnlyList<string> FanOuts => _accepted;

    /// <summary>By signal Id: how every delivery was judged.</summary>
    public IEnumerable<KeyValuePair<string, SignalState>> Judged => _seen;

    public IEnumerable<LaneModel> Lanes => _lanes.Values;

    public LaneModel? Lane(string subscriptionId) => _lanes.GetValueOrDefault(subscriptionId);

    public bool IsAccepted(string signalId) => _seen.GetValueOrDefault(signalId, SignalState.Invalid) == SignalState.Accepted;

    public bool HasSeen(string signalId) => _seen.ContainsKey(signalId);

    public int VersionOf(string subscriptionId) => _versions.GetValueOrDefault(subscriptionId);

    public void Stored(RecorderEvent @event)
    {
        switch (@event)
        {
            case RecorderCreated e:
                _settings = e.Settings;
                _isDedupEdited = e.Settings.DedupWindow == TimeSpan.Zero;
                break;
            case RecorderEdited e:
                _settings = e.Settings;
                _isDedupEdited |= e.Settings.DedupWindow == TimeSpan.Zero;
                break;
            case SubscriptionPut e:
                _versions[e.SubscriptionId] = e.Version;
                _terms[e.SubscriptionId] = new SubscriptionTerms(e.SubscriptionId, e.Multiplier, e.Overrides);
                _lanes.TryAdd(e.SubscriptionId, new LaneModel(Id.Key, e.SubscriptionId, e.Account, []));
                _enabled.Remove(e.SubscriptionId);
                if (e.IsEnabled)
                {
                    _enabled.Add(e.SubscriptionId, e.Version);
                }

                break;
            case SubscriptionRemoved e:
                _versions[e.SubscriptionId] = e.Version;
                _enabled.Remove(e.SubscriptionId);
                break;
            case SignalAccepted e:
                Accept(e);
                break;
            case SignalRefused e:
                world.Model.Judged(Id, e.SignalId);
                Number(e.SignalId, e.Number);
                _seen.TryAdd(e.SignalId, e.State);
                break;
            case FanOutCompleted e:
                Complete(e);
                break;
        }
    }

    public string? Unsettled() => _open.Count > 0 ? $"Fan-out {_open.Min} of {Id} is not complete." : null;

    private void Number(string signalId, long number)
    {
        if (number != ++_lastSignal)
        {
            throw new SimulationFailure("SignalsGapless", $"{signalId} has number {number} in {Id} where {_lastSignal} must stand.");
        }
    }

    private void Accept(SignalAccepted e)
    {
        world.Model.Judged(Id, e.SignalId);
        Number(e.SignalId, e.Number);
        if (_seen.TryGetValue(e.SignalId, out var judged))
        {
            throw new SimulationFailure("NothingTwice", $"{e.SignalId} is accepted by {Id} and had been judged {judged} before.");
        }

        _seen.Add(e.SignalId, SignalState.Accepted);
        if (e.FanOut != _accepted.Count + 1 || e.Accounts != _enabled.Count)
        {
            throw new SimulationFailure("FanOutFixed", $"{e.SignalId} is fan-out {e.FanOut} to {e.Accounts} where {_accepted.Count + 1} to {_enabled.Count} must stand.");
        }

        CheckRepeat(e);
        _accepted.Add(e.SignalId);
        if (_enabled.Count > 0)
        {
            _open.Add(e.FanOut);
        }

        var side = e.Plan.Target is { } target ? (target == 0m ? (Side?)null : target > 0m ? Side.Buy : Side.Sell) : e.Plan.EnterSide;
        var (isInverse, settings) = (_settings.Inverse == true, _settings.ForAccounts());
        // The end of a window is of now.
        var agedFrom = world.DeliveryOf(e.SignalId)?.AgedFrom ?? e.ReceivedAt;
        foreach (var lane in _enabled.Keys)
        {
            var own = _terms[lane].Overrides;
            var maxAge = own?.EntryMaxAgeSeconds ?? _settings.EntryMaxAgeSeconds ?? 30;
            var isSwapped = (own?.Inverse ?? isInverse) != isInverse;
            _lanes[lane].FanOuts.Add(new FanOutModel(
                e.FanOut, e.SignalId, isSwapped ? side?.Opposite : side, e.Plan, settings, _terms[lane], agedFrom.AddSeconds(maxAge)));
        }
    }

    /// <summary>Two deliveries that mean the same within the shortest window must not both be accepted.</summary>
    private void CheckRepeat(SignalAccepted e)
    {
        // The end of a window is a signal that nobody delivers.
        if (world.DeliveryOf(e.SignalId) is not { } meaning)
        {
            return;
        }

        if (!_acceptedByBody.TryGetValue(meaning.Body, out var others))
        {
            _acceptedByBody.Add(meaning.Body, others = []);
        }

        var repeated = others.Where(other => meaning.SourceId is not null
            ? other.Meaning.SourceId == meaning.SourceId
            : !_isDedupEdited && other.Meaning.SourceId is null && (meaning.ReceivedAt - other.Meaning.ReceivedAt).Duration() <= TimeSpan.FromSeconds(24))
            .Select(other => other.SignalId).FirstOrDefault();
        others.Add((e.SignalId, meaning));
        if (repeated is not null)
        {
            throw new SimulationFailure("NothingTwice", $"{e.SignalId} repeats {repeated}, and both are accepted by {Id}.");
        }
    }

    private void Complete(FanOutCompleted e)
    {
        if (!_open.Remove(e.FanOut))
        {
            throw new SimulationFailure("FanOutFixed", $"Fan-out {e.FanOut} of {Id} is completed, and was not open.");
        }

        var missing = _lanes.Values.FirstOrDefault(lane => lane.PlaceOf(e.FanOut) is { } place && world.Model.Account(lane.Account).Taken(lane.Lane) <= place);
        if (missing is not null)
        {
            throw new SimulationFailure("FanOutReachesAll", $"Fan-out {e.FanOut} of {Id} is completed, and {missing.Lane} has not stored it.");
        }
    }
}
