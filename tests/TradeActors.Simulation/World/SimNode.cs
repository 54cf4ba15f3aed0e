using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Market;
using TradeActors.Domain.Recorders;
using TradeActors.Runtime.Cluster;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>
/// One process: the real region, core and router in a simulated shell. Everything they ask for is done after a seeded delay, or not, as the faults have it. A crash
/// forgets them and everything that would have come back to them; a process that is frozen finds it all when it wakes, at once.
/// </summary>
internal sealed partial class SimNode(SimWorld world, int number, Pcg32 random) : IRegionOutput, IRouterOutput
{
    private static readonly TimeSpan AsksLapseAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(EntityId, string), RunningEffect> _effects = [];
    private readonly Dictionary<long, Asked> _asks = [];
    private readonly Dictionary<long, Action<AskResult>> _requests = [];
    private readonly Dictionary<long, (int Shard, long Registration)> _tags = [];
    private readonly HashSet<long> _registrations = [];
    private readonly List<Action> _held = [];
    private readonly HashSet<(EntityId, EntityId, string, long)> _sentOnce = [];
    private readonly Pcg32 _quoteRandom = world.MarketRandom(number);
    private readonly Queue<CoreInput> _own = [];
    private EntityCore? _core;
    private BrokerLinks _links = null!;
    private NodeMarket? _market;
    private IRegionOutput _watched = null!;
    private ShardRegion _region = null!;
    private AskRouter _router = null!;
    private TimeSpan _startedAt;
    private TimeSpan _skew;
    private long _lastAsk;
    private bool _isFlushing;
    private bool _isFrozen;
    private TimeSpan _cutUntil;
    private DateTimeOffset? _tickAt;

    /// <summary>Who waits for an entity's answer: this node's own router, or that of another.</summary>
    private sealed record Asked(object Message, int Node, long AskId);

    public int Number { get; } = number;

    public string Name { get; } = $"n{number}";

    /// <summary>Counts the starts of the process.</summary>
    public long Life { get; private set; }

    public bool IsUp => _core is not null;

    /// <summary>The last quotes that this process has received; null while it is down.</summary>
    public ILastQuotes? Quotes => IsUp ? _market : null;

    public bool IsReady => IsUp && _region.IsReady;

    public bool IsCutFromQueues { get; private set; }

    public bool IsCutFromJournal { get; private set; }

    public bool IsLeaving { get; private set; }

    public bool HasLeft => IsLeaving && _region.HasLeft;

    /// <summary>This node's clock.</summary>
    public DateTimeOffset Now => world.Now + _skew;

    public TimeSpan Uptime => world.Elapsed - _startedAt;

    public bool Owns(int shard) => IsUp && _region.Owns(shard);

    /// <summary>Whether an effect may touch the world. Asked at the last moment.</summary>
    public bool MayAct => IsUp && _region.MayAct(Uptime);

    public void Start()
    {
        Life++;
        _market = StartMarket();
        _core = new EntityCore(world.BehaviorsOf(this, _market, random), world.Types, world.CoreOptions);
        _watched = world.Coverage.Watch(this);
        _region = new ShardRegion(Name, _core, new RegionOptions());
        _router = new AskRouter(new RouterOptions());
        _startedAt = world.Elapsed;
        (_isFlushing, _isFrozen, _tickAt, IsLeaving) = (false, false, null, false);
        _effects.Clear();
        _links = new BrokerLinks(world, this, random);
        _asks.Clear();
        _requests.Clear();
        _tags.Clear();
        _registrations.Clear();
        _held.Clear();
        world.Trace.Add("start", Name);
        world.Live.NodeStarted(Number);
        Beat(Life);
    }

    /// <summary>A quote has come from the feed.</summary>
    public void Receive(Quote quote) => Run(Life, () => _market!.Receive(quote));

    private NodeMarket StartMarket()
    {
        var life = Life;
        var market = new NodeMarket(
            world, this, _quoteRandom, (symbol, quotes) => Region(life, new RegionInput.Local(new CoreInput.Quotes(symbol, quotes))));
        market.Restore();
        _own.Clear();
        return market;
    }

    public void Crash()
    {
        world.Trace.Add("crash", Name);
        world.Live.NodeCrashed(Number);
        var life = Life;
        _core = null;
        Life++;
        IsLeaving = false;
        world.After(random, 5, 20, () => world.Queues.CloseConnection(this, life));
    }

    /// <summary>Stopped in the midst of everything, and continued later.</summary>
    public void Freeze(double milliseconds)
    {
        if (_isFrozen || !IsUp)
        {
            return;
        }

        var life = Life;
        world.Trace.Add("freeze", Name, milliseconds);
        _isFrozen = true;
        LoseHeartbeats(life, () => _isFrozen);
        world.After(random, milliseconds, milliseconds, () =>
        {
            if (life == Life)
            {
                Thaw();
            }
        });
    }

    public void CutFromQueues(double milliseconds)
    {
        if (IsCutFromQueues || !IsUp)
        {
            return;
        }

        world.Trace.Add("cut", Name, "queues", milliseconds);
        IsCutFromQueues = true;
        _cutUntil = world.Elapsed + TimeSpan.FromMilliseconds(milliseconds);
        LoseHeartbeats(Life, () => IsCutFromQueues);
        world.After(random, milliseconds, milliseconds, () => IsCutFromQueues = false);
    }

    public void CutFromJournal(double milliseconds)
    {
        if (!IsCutFromJournal)
        {
            world.Trace.Add("cut", Name, "journal", milliseconds);
            IsCutFromJournal = true;
            world.After(random, milliseconds, milliseconds, () => IsCutFromJournal = false);
        }
    }

    public void SetClock(TimeSpan skew)
    {
        world.Trace.Add("clock", Name, skew.TotalSeconds);
        _skew = skew;
    }

    /// <summary>The first half of a rolling upgrade: the node hands its shards over, and is then stopped.</summary>
    public void Leave()
    {
        world.Trace.Add("leave", Name);
        IsLeaving = true;
        var life = Life;
        Run(life, () => Region(life, new RegionInput.Leave()));
    }

    /// <summary>Somebody has thought better of it.</summary>
    public void Stay()
    {
        world.Trace.Add("stay", Name);
        IsLeaving = false;
        var life = Life;
        Run(life, () => Region(life, new RegionInput.Stay()));
    }

    /// <summary>The network is whole again, and nothing hangs.</summary>
    public void Heal()
    {
        (IsCutFromQueues, IsCutFromJournal, _skew) = (false, false, TimeSpan.Zero);
        if (_isFrozen)
        {
            Thaw();
        }
    }

    // Requests from doors.

    /// <summary>Takes a request. No answer comes when the process is down or dies before it.</summary>
    /// <param name="inboxId">Null for what may not be left in the inbox.</param>
    public void Request(EntityId to, object message, string? inboxId, Action<AskResult> done) => Run(Life, () =>
    {
        if (_core is not null)
        {
            _requests.Add(++_lastAsk, done);
            _router.Ask(_lastAsk, to, message, inboxId, Uptime, this);
            AfterRouting();
        }
    });

    void IRouterOutput.Carry(long askId, EntityId to, object message)
    {
        var shard = to.ShardHash(SimWorld.ShardCount);
        if (_region.Owns(shard))
        {
            Local(askId, to, message);
            return;
        }

        var life = Life;
        if (IsCutFromQueues || world.Faults.Fire(Fault.MessageDropped))
        {
            return;
        }

        world.After(random, 0.05, world.Faults.Fire(Fault.MessageLate) ? 5_000 : 3, () =>
        {
            var question = new QueueMessage.Question(Number, askId, to, world.OverTheWire(message)) { LapsesAt = world.Elapsed + AsksLapseAfter };
            if (!world.Queues.Publish(shard, question))
            {
                Later(life, 0.1, 3, () => Refused(askId, AskFailure.NotOwner, "no consumer"));
            }
        });
    }

    /// <summary>Apart from the call that wants it: an answer may come before that returns.</summary>
    private void Local(long askId, EntityId to, object message) => Later(Life, 0, 0.1, () =>
    {
        _asks.Add(++_lastAsk, new Asked(message, Number, askId));
        Region(Life, new RegionInput.Local(new CoreInput.Ask(_lastAsk, to, message)));
    });

    void IRouterOutput.PutInbox(long askId, EntityId to, string inboxId, object message)
    {
        var life = Life;
        var (type, body) = world.Types.Encode(message);
        Query(life, () => world.Journal.PutInbox(to.ShardHash(SimWorld.ShardCount), new InboxMessage(inboxId, to, type, body)), stored =>
        {
            world.Trace.Add("inbox", Name, inboxId, stored is null ? "failed" : "");
            _router.Put(askId, stored is null ? null : inboxId, this);
            AfterRouting();
        });
    }

    void IRouterOutput.Answer(long askId, object reply)
    {
        if (_requests.Remove(askId, out var done))
        {
            Answer(done, new AskResult(reply, null));
        }
    }

    void IRouterOutput.GiveUp(long askId, AskFailure failure, string detail)
    {
        if (_requests.Remove(askId, out var done))
        {
            world.Trace.Add("gives-up", Name, failure, detail);
            Answer(done, new AskResult(null, failure));
        }
    }

    private void Answer(Action<AskResult> done, AskResult result)
    {
        if (!world.Faults.Fire(Fault.AnswerToClientLost))
        {
            world.After(random, 0.1, 3, () => done(result));
        }
    }

    /// <summary>An entity's answer has come to the node that asked.</summary>
    public void Answered(long life, long askId, object? reply, AskFailure? failure) => Run(life, () =>
    {
        if (reply is not null)
        {
            _router.Answered(askId, reply, this);
            AfterRouting();
        }
        else
        {
            Refused(askId, failure!.Value, "refused");
        }
    });

    private void Refused(long askId, AskFailure failure, string detail)
    {
        _router.Refused(askId, failure, detail, Uptime, this);
        AfterRouting();
    }

    private void AfterRouting()
    {
        if (_router.NextDue is { } due)
        {
            var life = Life;
            world.At(world.Now + (due - Uptime), () => Run(life, () =>
            {
                if (_router.NextDue <= Uptime)
                {
                    _router.Tick(Uptime, this);
                    AfterRouting();
                }
            }));
        }
    }

    // What the queues bring.

    public void RegistrationEnded(long life, int shard, long registration) =>
        OverConnection(0.1, 20, () => Run(life, () => Region(life, new RegionInput.Ended(shard, registration))));

    public void Deliver(long life, int shard, long registration, long tag, QueueMessage message)
    {
        if (IsCutFromQueues)
        {
            OverConnection(0.1, 0.1, () => Deliver(life, shard, registration, tag, message));
            return;
        }

        Run(life, () => Region(life, new RegionInput.Delivered(shard, registration, Input(message, tag), Tagged(tag, shard, registration))));
    }

    /// <summary>What a stream of bytes carries: while the way is cut it is repeated, and comes when it is whole again.</summary>
    private void OverConnection(double fromMilliseconds, double toMilliseconds, Action action)
    {
        var wait = IsCutFromQueues ? Math.Max(0, (_cutUntil - world.Elapsed).TotalMilliseconds) : 0;
        world.After(random, wait + fromMilliseconds, wait + toMilliseconds, action);
    }

    private long Tagged(long tag, int shard, long registration)
    {
        _tags[tag] = (shard, registration);
        return tag;
    }

    private CoreInput? Input(QueueMessage message, long tag)
    {
        switch (message)
        {
            case QueueMessage.Question question:
                _asks.Add(++_lastAsk, new Asked(question.Message, question.ReplyTo, question.AskId));
                return new CoreInput.Ask(_lastAsk, question.To, question.Message, tag);
            case QueueMessage.Numbered numbered:
                AcknowledgeEarly(numbered.Envelope);
                return new CoreInput.Delivered(Misaddress(numbered.Envelope), tag);
            case QueueMessage.FanOut fanOut:
                AcknowledgeEarly(fanOut.Envelope);
                return new CoreInput.FanOutDelivered(Misaddress(fanOut.Envelope), tag);
            case QueueMessage.Acknowledged acknowledged:
                return new CoreInput.Acknowledged(acknowledged.Acknowledgement, tag);
            default:
                return null;
        }
    }

    // The region and its entities.

    private void Region(long life, RegionInput input)
    {
        if (life != Life || _core is null)
        {
            return;
        }

        world.Coverage.Took(input);
        _region.Step(input, Now, Uptime, _watched);
        while (_own.TryDequeue(out var own))
        {
            // What the core's own wishes have led to comes before anything else, as on a node's loop.
            world.Coverage.Took(own);
            _region.Step(new RegionInput.Local(own), Now, Uptime, _watched);
        }

        FlushSoon(life);
        ScheduleTick(life);
        if (world.Faults.Fire(Fault.ProcessCrash))
        {
            world.CrashNow(this);
        }
    }

    private void FlushSoon(long life)
    {
        if (_region.CanFlush && !_isFlushing)
        {
            _isFlushing = true;
            Later(life, 0, 1, () =>
            {
                _isFlushing = false;
                _region.Flush(_watched);
            });
        }
    }

    private void ScheduleTick(long life)
    {
        if (_region.NextAlarm is not { } next || _tickAt <= next)
        {
            return;
        }

        _tickAt = next;
        world.At(world.Now + (next - _region.TimeAt(Uptime)), () => Run(life, () =>
        {
            if (_tickAt == next)
            {
                _tickAt = null;
                Region(life, new RegionInput.Local(new CoreInput.ClockTick()));
            }
        }));
    }

    /// <summary>Once a second, as every loop does.</summary>
    private void Beat(long life)
    {
        Region(life, new RegionInput.Tick());
        Later(life, 900, 1_000, () => Beat(life));
    }

    void IRegionOutput.Beat(long beat, NodeBeat what)
    {
        var life = Life;
        Query(life, () => world.Journal.Beat(what), view => Region(life, new RegionInput.BoardRead(beat, view is null ? null : view with { At = view.At - Lag })));
    }

    void IRegionOutput.Register(int shard, long registration)
    {
        var life = Life;
        _registrations.Add(registration);
        OverConnection(0.5, 20, () =>
        {
            if (life == Life && _registrations.Contains(registration))
            {
                world.Trace.Add("register", Name, shard, registration);
                world.Queues.Register(shard, this, life, registration);
                Later(life, 0.1, 3, () => Region(life, new RegionInput.Registered(shard, registration)));
            }
        });
    }

    void IRegionOutput.Close(int shard, long registration)
    {
        var life = Life;
        world.Trace.Add("close", Name, shard, registration);
        _registrations.Remove(registration); // What a channel carries keeps its order: it cannot be opened after it was closed.
        OverConnection(0.1, 3, () => world.Queues.CloseChannel(shard, this, life, registration));
    }

    void IRegionOutput.Claim(int shard, long registration)
    {
        var life = Life;
        Query(life, () => world.Journal.Claim(shard, Name), claim =>
        {
            if (claim is not null)
            {
                world.Live.OwnerChanged();
            }

            world.Trace.Add("claim", Name, shard, claim is null ? "failed" : $"epoch {claim.Epoch}, {claim.Wakes.Length} wakes, {claim.Inbox.Length} in the inbox");
            Region(life, new RegionInput.Claimed(shard, registration, claim));
        });
    }

    void IRegionOutput.Nudge(int shard)
    {
        if (!IsCutFromQueues && world.Defect != Defect.IdleShardNeverClaimed)
        {
            world.After(random, 0.05, 3, () => world.Queues.Publish(shard, new QueueMessage.Nudge { LapsesAt = world.Elapsed + TimeSpan.FromSeconds(1) }));
        }
    }

    public void Done(long tag)
    {
        if (_tags.Remove(tag, out var at))
        {
            var life = Life;
            OverConnection(0.05, 3, () => world.Queues.Acknowledge(at.Shard, this, life, at.Registration, tag));
        }
    }

    public void ReadInbox(int shard, long epoch, long after)
    {
        var life = Life;
        Query(life, () => world.Journal.ReadInbox(shard, after), page => Region(life, new RegionInput.Local(new CoreInput.InboxRead(shard, epoch, page))));
    }

    public void DropInbox(int shard, long inboxNumber) => Query(Life, () => world.Journal.DropInbox(shard, inboxNumber), _ => { });

    /// <summary>Asks the database, and hears its answer or that there will be none.</summary>
    private void Query<T>(long life, Func<T> what, Action<T?> then)
        where T : class
    {
        if (IsCutFromJournal || world.Faults.Fire(Fault.QueryFailed))
        {
            Later(life, 500, 3_000, () => then(null));
            return;
        }

        var isUnheard = world.Faults.Fire(Fault.QueryUnheard);
        world.After(random, 0.1, 5, () =>
        {
            var answer = what();
            if (isUnheard)
            {
                Later(life, 500, 3_000, () => then(null));
            }
            else
            {
                Later(life, 0.1, 3, () => then(answer));
            }
        });
    }

    public void Load(EntityId id, long activation, int snapshotSchema)
    {
        var life = Life;
        var slowest = world.Faults.Fire(Fault.LoadSlow) ? 2_000 : 3;
        var isFailing = IsCutFromJournal || world.Faults.Fire(Fault.LoadFailed);
        world.After(random, 0.1, slowest, () =>
        {
            CoreInput input = isFailing
                ? new CoreInput.LoadFailed(id, activation, "simulated")
                : new CoreInput.Loaded(id, activation, world.Journal.Load(id, snapshotSchema));
            Later(life, 0.1, 2, () =>
            {
                world.Trace.Add("loaded", Name, id, input is CoreInput.Loaded loaded ? loaded.Stored.Events.Length : "failed");
                Region(life, new RegionInput.Local(input));
            });
        });
    }

    public void LookUp(EntityId id, long activation, RowKey key)
    {
        var life = Life;
        if (IsCutFromJournal)
        {
            Later(life, 500, 3_000, () => Region(life, new RegionInput.Local(new CoreInput.LoadFailed(id, activation, "simulated"))));
            return;
        }

        world.After(random, 0.1, 3, () =>
        {
            var row = world.Journal.Lookup(key);
            Later(life, 0.1, 2, () => Region(life, new RegionInput.Local(new CoreInput.LookedUp(id, activation, row))));
        });
    }

    public void Append(long batchId, ImmutableArray<EntityAppend> parts)
    {
        var life = Life;
        world.Trace.Add("append", Name, new TracedList<EntityAppend>(parts, Hash, part => $"{Trace.Name(part.Id)}@{part.ExpectedSeq}+{part.Events.Length}"));
        Misbehave(parts);
        parts = world.Live.Appending(Number, parts);
        var (isRefused, isUnheard) = (IsCutFromJournal || world.Faults.Fire(Fault.AppendRefused), world.Faults.Fire(Fault.AppendUnheard));
        if (isRefused || world.Faults.Fire(Fault.AppendLateAndUnheard))
        {
            // Nothing is stored; or it will be, after the writer has given up waiting for it.
            Later(life, 0.1, 20, () => Appended(life, batchId, default));
            if (!isRefused)
            {
                world.After(random, 0.1, 200, () => Store(parts));
            }
            else if (world.Defect == Defect.EventsKeptAfterFailedCommit)
            {
                KeepLater(parts);
            }

            return;
        }

        // What the database was already told is stored even if the process dies before it hears of it, and while it is frozen.
        var survives = random.Chance(0.5);
        world.After(random, 0.2, world.Faults.Fire(Fault.AppendSlow) ? 3_000 : 5, () =>
        {
            if (life == Life || survives)
            {
                var outcomes = Store(parts);
                isUnheard |= world.Defect == Defect.OneConflictFailsTheBatch && outcomes.Any(outcome => outcome != AppendOutcome.Stored);
                Later(life, 0, 2, () => Appended(life, batchId, isUnheard ? default : outcomes));
            }
        });
    }

    private void Appended(long life, long batchId, ImmutableArray<AppendOutcome> outcomes) =>
        Region(life, new RegionInput.Local(new CoreInput.Appended(batchId, outcomes)));

    private ImmutableArray<AppendOutcome> Store(ImmutableArray<EntityAppend> parts)
    {
        var outcomes = world.Journal.Append(parts);
        for (var i = 0; i < parts.Length; i++)
        {
            if (outcomes[i] != AppendOutcome.Stored)
            {
                world.Model.Refused(parts[i], outcomes[i]);
            }
        }

        world.Trace.Add("stored", Name, outcomes.All(outcome => outcome == AppendOutcome.Stored)
            ? new TracedList<EntityAppend>(parts, Hash, part => Trace.Name(part.Id))
            : string.Join(' ', parts.Zip(outcomes, (part, outcome) => $"{Trace.Name(part.Id)}:{outcome}")));
        return outcomes;
    }

    private static void Hash(ref TraceHash hash, EntityAppend part)
    {
        hash.Add(part.Id);
        hash.Add((ulong)part.ExpectedSeq);
        hash.Add((ulong)part.Events.Length);
    }

    private static void Hash(ref TraceHash hash, FanOutMember member) => hash.Add(member.Lane);

    public void Send(Envelope envelope)
    {
        if (world.Defect == Defect.NeverRepeated && !_sentOnce.Add((envelope.From, envelope.To, envelope.Lane, envelope.Number)))
        {
            return;
        }

        world.Trace.Add("send", envelope.From, envelope.To, envelope.Number, envelope.Message.GetType().Name);
        world.Model.Sent(envelope);
        Transmit(envelope.To.ShardHash(SimWorld.ShardCount), new QueueMessage.Numbered(envelope with { Message = world.OverTheWire(envelope.Message) }));
    }

    public void SendFanOut(FanOutEnvelope envelope)
    {
        if (world.Defect == Defect.NeverRepeated && !_sentOnce.Add((envelope.From, envelope.Members[0].To, envelope.Members[0].Lane, envelope.Number)))
        {
            return;
        }

        world.Trace.Add("fan-out", envelope.From, envelope.Number, new TracedList<FanOutMember>(envelope.Members, Hash, member => member.Lane));
        world.Transmissions += envelope.Members.Length;
        world.Model.Sent(envelope);
        Transmit(envelope.Shard, new QueueMessage.FanOut(envelope with { Message = world.OverTheWire(envelope.Message) }));
    }

    public void Acknowledge(Acknowledgement acknowledgement)
    {
        world.Trace.Add("ack", acknowledgement.Receiver, acknowledgement.Sender, acknowledgement.Number, acknowledgement.Lane);
        Transmit(acknowledgement.Sender.ShardHash(SimWorld.ShardCount), new QueueMessage.Acknowledged(acknowledgement));
    }

    /// <summary>To this node's own entities, or into the shard's queue: lost, doubled, late, overtaken, as the faults have it.</summary>
    private void Transmit(int shard, QueueMessage message)
    {
        if (world.Faults.Fire(Fault.MessageDropped))
        {
            return;
        }

        var life = Life;
        var copies = world.Faults.Fire(Fault.MessageRepeated) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var slowest = world.Faults.Fire(Fault.MessageLate) ? 5_000 : 3;
            if (_region.Owns(shard))
            {
                Later(life, 0.05, slowest, () => Region(life, new RegionInput.Local(Input(message, 0)!)));
            }
            else if (!IsCutFromQueues)
            {
                world.After(random, 0.05, slowest, () => world.Queues.Publish(shard, message));
            }
        }
    }

    public void Reply(long askId, object reply)
    {
        if (_asks.Remove(askId, out var asked))
        {
            world.Trace.Add("reply", Name, reply);
            world.Model.Answered(asked.Message, reply);
            SendBack(asked, reply, null);
        }
    }

    public void Fail(long askId, AskFailure failure, string detail)
    {
        if (_asks.Remove(askId, out var asked))
        {
            world.Trace.Add("fail", Name, failure, detail);
            SendBack(asked, null, failure);
        }
    }

    private void SendBack(Asked asked, object? reply, AskFailure? failure)
    {
        if (asked.Node == Number)
        {
            Later(Life, 0, 0.1, () => Answered(Life, asked.AskId, reply, failure));
        }
        else if (!IsCutFromQueues && !world.Faults.Fire(Fault.MessageDropped))
        {
            var (asker, life) = (world.Nodes[asked.Node], world.Nodes[asked.Node].Life);
            reply = reply is null ? null : world.OverTheWire(reply);
            world.After(random, 0.05, world.Faults.Fire(Fault.MessageLate) ? 5_000 : 3, () => asker.Answered(life, asked.AskId, reply, failure));
        }
    }

    public void StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at)
    {
        if (_effects.TryGetValue((id, effect.Key), out var early) && early is { IsEarly: true, IsStopped: false })
        {
            early.IsEarly = false;
            early.Activation = activation;
            return;
        }

        world.Trace.Add("effect", Name, id, effect.Key);
        var life = Life;
        var running = new RunningEffect(
            this, life, at, message => Region(life, new RegionInput.Local(new CoreInput.EffectReported(id, activation, message))));
        _effects[(id, effect.Key)] = running;
        StartCall(id, activation, effect, running);
        Misload(id, life);
    }

    public void StopEffect(EntityId id, string key)
    {
        if (_effects.Remove((id, key), out var running))
        {
            running.IsStopped = true;
            _links.Stop(id, key);
        }
    }

    private void StartCall(EntityId id, long activation, Effect effect, RunningEffect running)
    {
        if (world.Paper.Settings(id) is not null)
        {
            world.Paper.Start(id, effect.Call, running);
        }
        else
        {
            _links.Start(new EffectRun(id, activation, effect.Key, effect.Call, () => running.MayAct, () => running.Now, running.Report));
        }
    }

    public void InterestBegan(EntityId id, string symbol)
    {
        if (!LosesInterest() && _market!.BeginInterest(symbol) is { } quote)
        {
            _own.Enqueue(new CoreInput.QuoteFor(id, quote));
        }
    }

    public void InterestEnded(EntityId id, string symbol)
    {
        if (!LosesInterest())
        {
            _market!.EndInterest(symbol);
        }
    }

    private bool LosesInterest() => world.Defect == Defect.InterestLostOnRecovery && Life > 1;

    public void Stored(in StoredStep step)
    {
    }

    public void Committed(EntityId id, long seq)
    {
        world.Live.Committed(Number, id);
        world.Paper.Announce(this, id);
    }

    public void ShardRefused(int shard) => world.Trace.Add("refused", Name, shard);

    public void Notice(CoreNotice notice)
    {
        switch (notice)
        {
            case CoreNotice.DecisionFailed { Error: not InjectedFailure } failed:
                throw new SimulationFailure("NoDefects", $"{failed.Id} failed on {failed.MessageName}: {failed.Error}");
            case CoreNotice.MessageParked { Error: not InjectedFailure } parked:
                throw new SimulationFailure("NoDefects", $"{parked.Id} parked {parked.MessageName}: {parked.Error}");
            case CoreNotice.LoadFailed { Error: not "simulated" } failed:
                throw new SimulationFailure("NoDefects", $"{failed.Id} cannot be loaded: {failed.Error}");
            default:
                world.Trace.Add("notice", Name, notice.GetType().Name);
                break;
        }
    }

    // Time, as this process sees it.

    /// <summary>Does something in this process after a while, if it still lives; when it is frozen then, after that.</summary>
    public void Later(long life, double fromMilliseconds, double toMilliseconds, Action action) =>
        world.After(random, fromMilliseconds, toMilliseconds, () => Run(life, action));

    public void Run(long life, Action action)
    {
        if (life != Life || !IsUp)
        {
            return;
        }

        if (_isFrozen)
        {
            _held.Add(action);
        }
        else
        {
            action();
        }
    }

    /// <summary>Everything that has come meanwhile is there at once.</summary>
    private void Thaw()
    {
        world.Trace.Add("thaw", Name);
        _isFrozen = false;
        var life = Life;
        foreach (var (place, action) in _held.Index())
        {
            world.At(world.Now.AddMicroseconds(place + 1), () => Run(life, action));
        }

        _held.Clear();
    }

    /// <summary>The broker notices after some heartbeats that a connection is dead, if it still is.</summary>
    private void LoseHeartbeats(long life, Func<bool> isDead) => world.After(random, 8_000, 11_000, () =>
    {
        if (life == Life && isDead())
        {
            world.Trace.Add("heartbeats-lost", Name);
            world.Queues.CloseConnection(this, life);
        }
    });

    // Deliberate defects of this shell.

    private void AcknowledgeEarly(Envelope envelope)
    {
        if (world.Defect == Defect.AckBeforeCommit)
        {
            Acknowledge(new Acknowledgement(envelope.To, envelope.From, envelope.Lane, envelope.Number));
        }
    }

    private void AcknowledgeEarly(FanOutEnvelope envelope)
    {
        foreach (var member in world.Defect == Defect.AckBeforeCommit ? envelope.Members : [])
        {
            Acknowledge(new Acknowledgement(member.To, envelope.From, member.Lane, envelope.Number));
        }
    }

    /// <summary>What a shell with a deliberate defect does before its append is stored.</summary>
    private void Misbehave(ImmutableArray<EntityAppend> parts)
    {
        if (world.Defect == Defect.SnapshotOutsideFence)
        {
            LeakSnapshots(parts);
        }

        if (world.Defect is not (Defect.EffectBeforeCommit or Defect.ReplyBeforeCommit))
        {
            return;
        }

        foreach (var (id, row) in parts.SelectMany(part => part.Events.Select(row => (part.Id, row))))
        {
            switch (world.Types.Decode(row.Type, row.Payload))
            {
                case IntentStored intent when world.Defect == Defect.EffectBeforeCommit:
                    StartEarly(id, intent);
                    break;
                case SignalAccepted signal when world.Defect == Defect.ReplyBeforeCommit:
                    foreach (var askId in _asks.Where(ask => ask.Value.Message is ReceiveSignal asked && asked.SignalId == signal.SignalId).Select(ask => ask.Key).Order().ToArray())
                    {
                        Reply(askId, new SignalJudged(signal.SignalId, SignalState.Accepted, null, null));
                    }

                    break;
            }
        }
    }

    private void StartEarly(EntityId id, IntentStored intent)
    {
        var life = Life;
        RunningEffect running = null!;
        running = new RunningEffect(
            this, life, Now, message => Region(life, new RegionInput.Local(new CoreInput.EffectReported(id, running.Activation, message))))
        { IsEarly = true };
        _effects[(id, $"submit:{intent.ClOrdId}:1")] = running;
        var order = new Domain.Brokers.SubmitOrder(intent.ClOrdId, intent.Terms, intent.SendBefore);
        var account = world.AccountOf(id);
        StartCall(id, 0, new Effect($"submit:{intent.ClOrdId}:1", new CallSubmit(account.Broker, order, account.Traits.RequestTimeout)), running);
    }
}

/// <summary>What a door hears: a reply or a failure.</summary>
internal sealed record AskResult(object? Reply, AskFailure? Failure);

/// <summary>One effect on its way, in the process that started it.</summary>
/// <param name="startedAt">The entity's clock then.</param>
internal sealed class RunningEffect(SimNode node, long life, DateTimeOffset startedAt, Action<object> report)
{
    /// <summary>Where it runs.</summary>
    public SimNode Node => node;

    private readonly TimeSpan _startedAt = node.Uptime;

    public bool IsStopped { get; set; }

    /// <summary>Started by a deliberate defect, before the core asked for it.</summary>
    public bool IsEarly { get; set; }

    public long Activation { get; set; }

    /// <summary>The entity's clock, carried on by the process's monotonic one.</summary>
    public DateTimeOffset Now => startedAt + (node.Uptime - _startedAt);

    /// <summary>Whether the outside world may still be touched.</summary>
    public bool MayAct => IsWanted && node.MayAct;

    public bool IsWanted => Lives && !IsStopped;

    public bool Lives => node.Life == life && node.IsUp;

    /// <summary>As <see cref="SimNode.Later"/>: what the process does, and not what happens to it.</summary>
    public void Later(double fromMilliseconds, double toMilliseconds, Action action) => node.Later(life, fromMilliseconds, toMilliseconds, action);

    public void Report(object message) => node.Run(life, () => report(message));
}
