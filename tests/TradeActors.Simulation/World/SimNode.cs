using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Recorders;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>
/// One process: the real core in a simulated shell. Everything the core asks for is done after a seeded delay, or not, as the faults have it. A crash
/// forgets the core and everything that would have come back to it.
/// </summary>
internal sealed class SimNode(SimWorld world, int number, Pcg32 random) : ICoreOutput
{
    private readonly Dictionary<(EntityId, string), RunningEffect> _effects = [];
    private readonly Dictionary<long, (object Message, Action<AskResult> Done)> _asks = [];
    private readonly HashSet<(EntityId, EntityId, string, long)> _sentOnce = [];
    private EntityCore? _core;
    private BrokerLinks _links = null!;
    private long _life;
    private long _lastAsk;
    private bool _isFlushing;
    private DateTimeOffset? _tickAt;

    public int Number { get; } = number;

    public bool IsUp => _core is not null;

    public void Start()
    {
        _core = new EntityCore(world.Behaviors, world.Types, world.CoreOptions);
        _life++;
        (_isFlushing, _tickAt) = (false, null);
        _effects.Clear();
        var life = _life;
        _links = new BrokerLinks(world, () => life == _life, random);
        _asks.Clear();
        world.Trace.Add("start", $"n{Number}");
        Claim([.. Enumerable.Range(0, world.Owners.Length).Where(shard => world.Owners[shard] == Number)]);
    }

    public void Crash()
    {
        world.Trace.Add("crash", $"n{Number}");
        _core = null;
        _life++;
    }

    public void Claim(ImmutableArray<int> shards)
    {
        var life = _life;
        world.After(random, 0.1, 10, () =>
        {
            shards = [.. shards.Where(shard => world.Owners[shard] == Number)];
            if (life != _life || shards.IsEmpty)
            {
                return;
            }

            var claims = world.Journal.Claim(shards);
            world.Trace.Add("claim", $"n{Number}", string.Join(' ', claims.Select(claim => $"{claim.Shard}@{claim.Epoch}+{claim.Wakes.Length}")));
            world.After(random, 0.1, 5, () => Input(life, new CoreInput.ShardsClaimed(claims)));
        });
    }

    public void LoseShard(int shard)
    {
        var life = _life;
        world.After(random, 0, 2_000, () =>
        {
            if (world.Owners[shard] != Number)
            {
                Input(life, new CoreInput.ShardLost(shard));
            }
        });
    }

    /// <summary>Takes a request from a door. No answer comes when the process is down or dies before it.</summary>
    public void Ask(EntityId to, object message, Action<AskResult> done)
    {
        if (_core is not null)
        {
            _asks.Add(++_lastAsk, (message, done));
            Input(_life, new CoreInput.Ask(_lastAsk, to, message));
        }
    }

    public void Deliver(Envelope envelope)
    {
        if (world.Defect == Defect.AckBeforeCommit && _core is not null)
        {
            Acknowledge(new Acknowledgement(envelope.To, envelope.From, envelope.Lane, envelope.Number));
        }

        Input(_life, new CoreInput.Delivered(envelope));
    }

    public void Deliver(FanOutEnvelope envelope)
    {
        if (world.Defect == Defect.AckBeforeCommit && _core is not null)
        {
            foreach (var member in envelope.Members)
            {
                Acknowledge(new Acknowledgement(member.To, envelope.From, member.Lane, envelope.Number));
            }
        }

        Input(_life, new CoreInput.FanOutDelivered(envelope));
    }

    public void Deliver(Acknowledgement acknowledgement) => Input(_life, new CoreInput.Acknowledged(acknowledgement));

    private void Input(long life, CoreInput input)
    {
        if (life != _life || _core is not { } core)
        {
            return;
        }

        core.Step(input, world.Now, this);
        if (core.CanFlush && !_isFlushing)
        {
            _isFlushing = true;
            world.After(random, 0, 1, () =>
            {
                if (life == _life)
                {
                    _isFlushing = false;
                    core.Flush(this);
                }
            });
        }

        ScheduleTick(life, core);
        if (world.Faults.Fire(Fault.ProcessCrash))
        {
            world.CrashNow(this);
        }
    }

    private void ScheduleTick(long life, EntityCore core)
    {
        if (core.NextAlarm is not { } next || _tickAt <= next)
        {
            return;
        }

        _tickAt = next;
        world.At(next, () =>
        {
            if (life == _life && _tickAt == next)
            {
                _tickAt = null;
                Input(life, new CoreInput.ClockTick());
            }
        });
    }

    // What the core wants done.

    public void Load(EntityId id, long activation, int snapshotSchema)
    {
        var life = _life;
        var slowest = world.Faults.Fire(Fault.LoadSlow) ? 2_000 : 3;
        world.After(random, 0.1, slowest, () =>
        {
            CoreInput input = world.Faults.Fire(Fault.LoadFailed)
                ? new CoreInput.LoadFailed(id, activation, "simulated")
                : new CoreInput.Loaded(id, activation, world.Journal.Load(id, snapshotSchema));
            world.After(random, 0.1, 2, () =>
            {
                if (life == _life)
                {
                    world.Trace.Add("loaded", $"n{Number}", id, input is CoreInput.Loaded loaded ? loaded.Stored.Events.Length : "failed");
                }

                Input(life, input);
            });
        });
    }

    public void LookUp(EntityId id, long activation, RowKey key)
    {
        var life = _life;
        world.After(random, 0.1, 3, () =>
        {
            var row = world.Journal.Lookup(key);
            world.After(random, 0.1, 2, () => Input(life, new CoreInput.LookedUp(id, activation, row)));
        });
    }

    public void Append(long batchId, ImmutableArray<EntityAppend> parts)
    {
        var life = _life;
        world.Trace.Add("append", $"n{Number}", string.Join(' ', parts.Select(part => $"{part.Id.Kind}/{part.Id.Key}@{part.ExpectedSeq}+{part.Events.Length}")));
        Misbehave(parts);
        var (isRefused, isUnheard) = (world.Faults.Fire(Fault.AppendRefused), world.Faults.Fire(Fault.AppendUnheard));
        if (isRefused || world.Faults.Fire(Fault.AppendLateAndUnheard))
        {
            // Nothing is stored; or it will be, after the writer has given up waiting for it.
            world.After(random, 0.1, 20, () => Input(life, new CoreInput.Appended(batchId, default)));
            if (!isRefused)
            {
                world.After(random, 0.1, 200, () => Store(parts));
            }

            return;
        }

        // What the database was already told is stored even if the process dies before it hears of it.
        var survives = random.Chance(0.5);
        world.After(random, 0.2, world.Faults.Fire(Fault.AppendSlow) ? 3_000 : 5, () =>
        {
            if (life == _life || survives)
            {
                var outcomes = Store(parts);
                world.After(random, 0, 2, () => Input(life, new CoreInput.Appended(batchId, isUnheard ? default : outcomes)));
            }
        });
    }

    private ImmutableArray<AppendOutcome> Store(ImmutableArray<EntityAppend> parts)
    {
        var outcomes = world.Journal.Append(parts);
        world.Trace.Add("stored", $"n{Number}", string.Join(' ', parts.Zip(outcomes, (part, outcome) => $"{part.Id.Kind}/{part.Id.Key}:{outcome}")));
        return outcomes;
    }

    public void Send(Envelope envelope)
    {
        if (world.Defect == Defect.NeverRepeated && !_sentOnce.Add((envelope.From, envelope.To, envelope.Lane, envelope.Number)))
        {
            return;
        }

        world.Trace.Add("send", $"{envelope.From.Kind}/{envelope.From.Key}", $"{envelope.To.Kind}/{envelope.To.Key}#{envelope.Number}", envelope.Message.GetType().Name);
        var (name, body) = world.Types.Encode(envelope.Message);
        world.Transmit(random, envelope.To, node => node.Deliver(envelope with { Message = world.Types.Decode(name, body) }));
    }

    public void SendFanOut(FanOutEnvelope envelope)
    {
        if (world.Defect == Defect.NeverRepeated && !_sentOnce.Add((envelope.From, envelope.Members[0].To, envelope.Members[0].Lane, envelope.Number)))
        {
            return;
        }

        world.Trace.Add("fan-out", envelope.From.Key, $"#{envelope.Number}", string.Join(' ', envelope.Members.Select(member => member.Lane)));
        world.FanOutDeliveries += envelope.Members.Length;
        var (name, body) = world.Types.Encode(envelope.Message);
        world.Transmit(random, envelope.Members[0].To, node => node.Deliver(envelope with { Message = world.Types.Decode(name, body) }));
    }

    public void Acknowledge(Acknowledgement acknowledgement)
    {
        world.Trace.Add("ack", $"{acknowledgement.Receiver.Kind}/{acknowledgement.Receiver.Key}", acknowledgement.Lane, acknowledgement.Number);
        world.Transmit(random, acknowledgement.Sender, node => node.Deliver(acknowledgement));
    }

    public void Reply(long askId, object reply)
    {
        if (_asks.Remove(askId, out var ask))
        {
            world.Trace.Add("reply", $"n{Number}", reply);
            world.Model.Answered(ask.Message, reply);
            Answer(ask.Done, new AskResult(reply, null));
        }
    }

    public void Fail(long askId, AskFailure failure, string detail)
    {
        if (_asks.Remove(askId, out var ask))
        {
            world.Trace.Add("fail", $"n{Number}", failure, detail);
            Answer(ask.Done, new AskResult(null, failure));
        }
    }

    private void Answer(Action<AskResult> done, AskResult result)
    {
        if (!world.Faults.Fire(Fault.AnswerToClientLost))
        {
            world.After(random, 0.1, 3, () => done(result));
        }
    }

    public void StartEffect(EntityId id, long activation, Effect effect)
    {
        if (_effects.TryGetValue((id, effect.Key), out var early) && early is { IsEarly: true, IsStopped: false })
        {
            early.IsEarly = false;
            early.Activation = activation;
            return;
        }

        world.Trace.Add("effect", $"n{Number}", id.Key, effect.Key);
        var life = _life;
        var running = new RunningEffect(message => Input(life, new CoreInput.EffectReported(id, activation, message)), () => life == _life);
        _effects[(id, effect.Key)] = running;
        _links.Start(new EffectRun(id, activation, effect.Key, effect.Call, () => running.MayAct, running.Report));
    }

    public void StopEffect(EntityId id, string key)
    {
        if (_effects.Remove((id, key), out var running))
        {
            running.IsStopped = true;
            _links.Stop(id, key);
        }
    }

    public void InterestBegan(EntityId id, string symbol)
    {
    }

    public void InterestEnded(EntityId id, string symbol)
    {
    }

    public void Stored(in StoredStep step)
    {
    }

    public void Committed(EntityId id, long seq)
    {
    }

    public void ShardRefused(int shard)
    {
        world.Trace.Add("refused", $"n{Number}", shard);
        if (world.Owners[shard] == Number)
        {
            Claim([shard]); // Only believed lost: a claim of this very node was overtaken.
        }
    }

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
                world.Trace.Add("notice", $"n{Number}", notice.GetType().Name);
                break;
        }
    }

    /// <summary>What a shell with a deliberate defect does before its append is stored.</summary>
    private void Misbehave(ImmutableArray<EntityAppend> parts)
    {
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
        var life = _life;
        RunningEffect running = null!;
        running = new RunningEffect(
            message => Input(life, new CoreInput.EffectReported(id, running.Activation, message)), () => life == _life)
        { IsEarly = true };
        _effects[(id, $"submit:{intent.ClOrdId}:1")] = running;
        var order = new Domain.Brokers.SubmitOrder(intent.ClOrdId, intent.Terms, intent.SendBefore);
        var call = new CallSubmit(SimBroker.Settings, order, world.Brokers[id].Traits.RequestTimeout);
        _links.Start(new EffectRun(id, 0, $"submit:{intent.ClOrdId}:1", call, () => running.MayAct, running.Report));
    }
}

/// <summary>What a door hears: a reply or a failure.</summary>
internal sealed record AskResult(object? Reply, AskFailure? Failure);

/// <summary>One effect on its way.</summary>
internal sealed class RunningEffect(Action<object> report, Func<bool> lives)
{
    public bool IsStopped { get; set; }

    /// <summary>Started by a deliberate defect, before the core asked for it.</summary>
    public bool IsEarly { get; set; }

    public long Activation { get; set; }

    /// <summary>Whether the outside world may still be touched.</summary>
    public bool MayAct => lives() && !IsStopped;

    public void Report(object message) => report(message);
}
