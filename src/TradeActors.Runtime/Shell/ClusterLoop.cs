using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Abstractions.Transport;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Cluster;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>A question of this node's own door.</summary>
/// <param name="inboxId">Null for what may not be left in the inbox.</param>
internal sealed class DoorQuestion(EntityId to, object message, string? inboxId)
{
    public EntityId To => to;

    public object Message => message;

    public string? InboxId => inboxId;

    public TaskCompletionSource<object> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Something came by the queue of a shard.</summary>
/// <param name="Content">As <see cref="ClusterMessages.ReadDelivered"/> gives it.</param>
internal sealed record Arrival(int Shard, long Registration, long Tag, object? Content);

/// <summary>The door's message lies in the inbox, or could not be put there.</summary>
internal sealed record PutDown(long AskId, string? InboxId);

/// <summary>What other threads may see of a <see cref="ClusterLoop"/>. Replaced as a whole.</summary>
/// <param name="View">The board as it was last read; null before the first time.</param>
internal sealed record ClusterSight(ClusterView? View, bool IsReady, bool HasLeft, TimeSpan Skew);

/// <summary>
/// The loop of a node among others: a <see cref="ShardRegion"/> over the core says which shards it may write, an <see cref="AskRouter"/> brings the door's questions
/// to whoever owns theirs.
/// </summary>
internal sealed class ClusterLoop : CoreLoop, IRegionOutput, IRouterOutput
{
    /// <summary>So many bits of a tag are the queue's own; the registration stands above them.</summary>
    private const int TagBits = 40;

    /// <summary>Announcements are gathered for so long: under load one carries many commits.</summary>
    private static readonly TimeSpan AnnounceEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>A region wants to be stepped at least once a second; the board is read as often.</summary>
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Answers of one message.</summary>
    private const int AnswersAtOnce = 100;

    /// <summary>Claims of one transaction.</summary>
    private const int ClaimsAtOnce = 64;

    private readonly ClusterNode _node;
    private readonly IClusterBoard _board;
    private readonly ClusterOptions _options;
    private readonly ClusterMessages _messages;
    private readonly StoredTypes _types;
    private readonly ShardRegion _region;
    private readonly AskRouter _router;
    private readonly int _shardCount;
    private readonly long _startedAt;
    private readonly Dictionary<long, DoorQuestion> _questions = [];
    private readonly Dictionary<long, (RemoteQuestion Question, long Registration)> _remote = [];
    private readonly Dictionary<long, int> _registrations = [];
    private readonly List<(int Shard, long Registration)> _claims = [];
    private readonly SortedDictionary<EntityId, long> _commits = [];

    /// <summary>By the node that has asked.</summary>
    private readonly SortedDictionary<string, List<QuestionAnswered>> _answers = new(StringComparer.Ordinal);

    private ClusterSight _sight = new(null, IsReady: false, HasLeft: false, TimeSpan.Zero);
    private INodeTransport _transport = null!;
    private ImmutableArray<long> _epochs = [];
    private TimeSpan _announceAt;
    private long _lastAsk;
    private bool _isClaiming;

    public ClusterLoop(ClusterNode node, LoopParts parts, StoredTypes types, ClusterOptions options, ClusterMessages messages)
        : base(parts)
    {
        (_node, _board, _options, _messages, _types) = (node, options.Board, options, messages, types);
        _region = new ShardRegion(parts.Options.NodeName, parts.Core, options.Region);
        _router = new AskRouter(options.Router);
        _shardCount = parts.Options.Core.ShardCount;
        _startedAt = Time.GetTimestamp();
    }

    private sealed record ClaimsOver;

    /// <summary>Safe from any thread.</summary>
    public ClusterSight Sight => Volatile.Read(ref _sight);

    protected override bool MayAct => _region.MayAct(Uptime);

    protected override TimeSpan? UntilAlarm
    {
        get
        {
            var wait = TickEvery;
            Sooner(_region.NextAlarm is { } alarm ? alarm - _region.TimeAt(Uptime) : null);
            Sooner(_router.NextDue - Uptime);
            Sooner(_commits.Count > 0 ? _announceAt - Uptime : null);
            return wait;

            void Sooner(TimeSpan? other) => wait = other < wait ? other.Value : wait;
        }
    }

    private TimeSpan Uptime => Time.GetElapsedTime(_startedAt);

    /// <summary>Once, before <see cref="CoreLoop.Start"/>.</summary>
    public void Use(INodeTransport transport) => _transport = transport;

    protected override void Step(object input)
    {
        switch (input)
        {
            case CoreInput.Quotes when !MayAct:
                break; // They are not kept for a node that does not know whether it owns anything: it goes on at the first one after that.
            case CoreInput core:
                Region(new RegionInput.Local(core));
                break;
            case RegionInput region:
                Forget(region);
                Region(region);
                break;
            case Arrival arrival:
                Take(arrival);
                break;
            case DoorQuestion question:
                _questions.Add(++_lastAsk, question);
                _router.Ask(_lastAsk, question.To, question.Message, question.InboxId, Uptime, this);
                break;
            case RemoteAnswer { Reply: { } reply } answer:
                _router.Answered(answer.AskId, reply, this);
                break;
            case RemoteAnswer refusal:
                _router.Refused(refusal.AskId, refusal.Failure, refusal.Detail, Uptime, this);
                break;
            case PutDown put:
                _router.Put(put.AskId, put.InboxId, this);
                break;
            case ClaimsOver:
                _isClaiming = false;
                break;
        }
    }

    protected override void Ring()
    {
        Region(new RegionInput.Tick());
        if (_region.NextAlarm <= _region.TimeAt(Uptime))
        {
            Region(new RegionInput.Local(new CoreInput.ClockTick()));
        }

        if (_router.NextDue <= Uptime)
        {
            _router.Tick(Uptime, this);
        }
    }

    protected override void EndRound()
    {
        _region.Flush(this);
        ClaimWanted();
        SendAnswers();
        AnnounceCommits();
        Show();
    }

    private void Region(RegionInput input) => _region.Step(input, Time.GetUtcNow(), Uptime, this);

    /// <summary>For other threads, and for those here who watch entities that have got another owner.</summary>
    private void Show()
    {
        var seen = _sight;
        if (ReferenceEquals(seen.View, _region.View) && seen.IsReady == _region.IsReady && seen.HasLeft == _region.HasLeft)
        {
            return;
        }

        Volatile.Write(ref _sight, new ClusterSight(_region.View, _region.IsReady, _region.HasLeft, _region.Skew));
        if (!ReferenceEquals(seen.View, _region.View) && _region.View is { } view)
        {
            var before = _epochs;
            _epochs = [.. view.Shards.Select(row => row.Epoch)];
            if (!before.AsSpan().SequenceEqual(_epochs.AsSpan()))
            {
                var now = _epochs;
                _node.TellAll(shard => shard >= before.Length || before[shard] != now[shard]);
            }
        }

        _node.Seen(_sight);
    }

    // What the queues bring.

    private void Take(Arrival arrival)
    {
        if (!_registrations.ContainsKey(arrival.Registration))
        {
            return; // Its channel is closed: the queue gives it to another.
        }

        var tag = (arrival.Registration << TagBits) | arrival.Tag;
        Region(new RegionInput.Delivered(arrival.Shard, arrival.Registration, InputOf(arrival, tag), tag));
    }

    private CoreInput? InputOf(Arrival arrival, long tag)
    {
        switch (arrival.Content)
        {
            case RemoteQuestion question:
                _remote.Add(++_lastAsk, (question, arrival.Registration));
                return new CoreInput.Ask(_lastAsk, question.To, question.Message, tag);
            case CoreInput.Delivered delivered:
                return delivered with { Tag = tag };
            case CoreInput.FanOutDelivered delivered:
                return delivered with { Tag = tag };
            case CoreInput.Acknowledged acknowledged:
                return acknowledged with { Tag = tag };
            default:
                return null;
        }
    }

    public override void Done(long tag)
    {
        var registration = tag >> TagBits;
        if (_registrations.TryGetValue(registration, out var shard))
        {
            _transport.Done(shard, registration, tag & ((1L << TagBits) - 1));
        }
    }

    void IRegionOutput.Register(int shard, long registration)
    {
        _registrations.Add(registration, shard);
        _transport.Register(shard, registration);
    }

    void IRegionOutput.Close(int shard, long registration)
    {
        Forget(registration);
        _transport.Close(shard, registration);
    }

    void IRegionOutput.Nudge(int shard) => _transport.Nudge(shard);

    private void Forget(RegionInput input)
    {
        if (input is RegionInput.Ended ended)
        {
            Forget(ended.Registration);
        }
    }

    /// <summary>Its questions are delivered again, to whoever comes next, who answers them.</summary>
    private void Forget(long registration)
    {
        if (_registrations.Remove(registration))
        {
            foreach (var askId in _remote.Where(ask => ask.Value.Registration == registration).Select(ask => ask.Key).ToArray())
            {
                _remote.Remove(askId);
            }
        }
    }

    // The database.

    void IRegionOutput.Beat(long number, NodeBeat beat) => _ = BeatAsync(number, beat);

    private async Task BeatAsync(long number, NodeBeat beat)
    {
        ClusterView? view = null;
        try
        {
            view = await _board.BeatAsync(beat, CancellationToken.None).ConfigureAwait(false);
            _node.BoardAnswered(null);
        }
#pragma warning disable CA1031 // Whatever it is, the region stops acting when it lasts, and beats again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _node.BoardAnswered(error);
        }

        Post(new RegionInput.BoardRead(number, view));
    }

    void IRegionOutput.Claim(int shard, long registration) => _claims.Add((shard, registration));

    /// <summary>Many shards fall to a node at once when another dies: they are claimed together.</summary>
    private void ClaimWanted()
    {
        if (_claims.Count > 0 && !_isClaiming)
        {
            _isClaiming = true;
            (int Shard, long Registration)[] wanted = [.. _claims.Take(ClaimsAtOnce)];
            _claims.RemoveRange(0, wanted.Length);
            _ = ClaimAsync(wanted);
        }
    }

    private async Task ClaimAsync((int Shard, long Registration)[] wanted)
    {
        var isDone = await TryClaimAsync(wanted).ConfigureAwait(false);
        if (!isDone && wanted.Length > 1)
        {
            // One that is held up must not hold up the others.
            await Task.WhenAll(wanted.Select(one => ClaimOneAsync(one))).ConfigureAwait(false);
        }
        else if (!isDone)
        {
            Post(new RegionInput.Claimed(wanted[0].Shard, wanted[0].Registration, null));
        }

        Post(new ClaimsOver());
    }

    private async Task ClaimOneAsync((int Shard, long Registration) wanted)
    {
        if (!await TryClaimAsync([wanted]).ConfigureAwait(false))
        {
            Post(new RegionInput.Claimed(wanted.Shard, wanted.Registration, null));
        }
    }

    private async Task<bool> TryClaimAsync((int Shard, long Registration)[] wanted)
    {
        try
        {
            var claims = await Journal.ClaimAsync([.. wanted.Select(one => one.Shard).Distinct()], _node.NodeName, CancellationToken.None).ConfigureAwait(false);
            var byShard = claims.ToDictionary(claim => claim.Shard);
            foreach (var (shard, registration) in wanted)
            {
                Post(new RegionInput.Claimed(shard, registration, byShard[shard]));
            }

            return true;
        }
#pragma warning disable CA1031 // The region registers anew and claims at the next delivery.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _node.Notice(new ClusterNotice.ClaimFailed([.. wanted.Select(one => one.Shard)], error));
            return false;
        }
    }

    // Questions of this node's door.

    void IRouterOutput.Carry(long askId, EntityId to, object message)
    {
        var shard = to.ShardHash(_shardCount);
        if (!MayAct)
        {
            Post(new RemoteAnswer(askId, null, AskFailure.NotOwner, "This node does not know which shards it owns."));
        }
        else if (_region.Owns(shard))
        {
            TakeNext(new CoreInput.Ask(askId, to, message));
        }
        else
        {
            _transport.SendToShard(shard, _messages.WriteQuestion(askId, to, message, _options.Router.GiveUpAfter));
        }
    }

    void IRouterOutput.PutInbox(long askId, EntityId to, string inboxId, object message) => _ = PutInboxAsync(askId, to, inboxId, message);

    private async Task PutInboxAsync(long askId, EntityId to, string inboxId, object message)
    {
        try
        {
            var (type, body) = _types.Encode(message);
            await Journal.PutInboxAsync(to.ShardHash(_shardCount), new InboxMessage(inboxId, to, type, body), CancellationToken.None).ConfigureAwait(false);
            Post(new PutDown(askId, inboxId));
        }
#pragma warning disable CA1031 // Nobody can say that it is safe, and its sender is told so.
        catch (Exception)
#pragma warning restore CA1031
        {
            Post(new PutDown(askId, null));
        }
    }

    void IRouterOutput.Answer(long askId, object reply)
    {
        if (_questions.Remove(askId, out var question))
        {
            question.Answer.TrySetResult(reply);
        }
    }

    void IRouterOutput.GiveUp(long askId, AskFailure failure, string detail)
    {
        if (_questions.Remove(askId, out var question))
        {
            question.Answer.TrySetException(ClusterNode.FailureOf(failure, detail));
        }
    }

    // What entities say.

    public override void Reply(long askId, object reply)
    {
        if (_remote.Remove(askId, out var asked))
        {
            Answer(asked.Question, reply, default, "");
        }
        else
        {
            _router.Answered(askId, reply, this);
        }
    }

    public override void Fail(long askId, AskFailure failure, string detail)
    {
        if (_remote.Remove(askId, out var asked))
        {
            Answer(asked.Question, null, failure, detail);
        }
        else
        {
            _router.Refused(askId, failure, detail, Uptime, this);
        }
    }

    private void Answer(RemoteQuestion question, object? reply, AskFailure failure, string detail)
    {
        if (!_answers.TryGetValue(question.Node, out var answers))
        {
            _answers.Add(question.Node, answers = []);
        }

        answers.Add(new QuestionAnswered(question.CorrelationId, reply, failure, detail));
    }

    /// <summary>One commit may answer hundreds of questions of one node.</summary>
    private void SendAnswers()
    {
        foreach (var (node, answers) in _answers)
        {
            foreach (var some in answers.Chunk(AnswersAtOnce))
            {
                _transport.SendToNode(node, _messages.WriteAnswers(some));
            }
        }

        _answers.Clear();
    }

    public override void Send(Envelope envelope)
    {
        var shard = envelope.To.ShardHash(_shardCount);
        if (_region.Owns(shard))
        {
            TakeNext(new CoreInput.Delivered(envelope));
        }
        else
        {
            _transport.SendToShard(shard, _messages.Write(envelope));
        }
    }

    public override void SendFanOut(FanOutEnvelope envelope)
    {
        if (_region.Owns(envelope.Shard))
        {
            TakeNext(new CoreInput.FanOutDelivered(envelope));
        }
        else
        {
            _transport.SendToShard(envelope.Shard, _messages.Write(envelope));
        }
    }

    public override void Acknowledge(Acknowledgement acknowledgement)
    {
        var shard = acknowledgement.Sender.ShardHash(_shardCount);
        if (_region.Owns(shard))
        {
            TakeNext(new CoreInput.Acknowledged(acknowledgement));
        }
        else
        {
            _transport.SendToShard(shard, ClusterMessages.Write(acknowledgement));
        }
    }

    public override void Committed(EntityId id, long seq)
    {
        _node.Tell(id, seq);
        if (_commits.Count == 0)
        {
            _announceAt = Uptime + AnnounceEvery;
        }

        _commits[id] = seq;
    }

    private void AnnounceCommits()
    {
        if (_commits.Count > 0 && _announceAt <= Uptime)
        {
            _transport.Announce(_messages.WriteCommits(_commits));
            _commits.Clear();
        }
    }
}
