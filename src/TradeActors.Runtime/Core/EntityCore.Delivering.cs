using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <content>At-least-once sends and fan-outs, their acknowledgements, and interest in quotes.</content>
public sealed partial class EntityCore
{
    /// <summary>The most sends of one lane that are repeated at once.</summary>
    private const int ResendWindow = 32;

    private readonly SortedDictionary<string, SortedSet<EntityId>> _interest = new(StringComparer.Ordinal);

    private void TakeAcknowledgement(Acknowledgement ack)
    {
        if (!_cells.TryGetValue(ack.Sender, out var cell))
        {
            return; // Nothing is outstanding, or the sender is being loaded and will send again.
        }

        cell.LastUsed = Now;
        if (ack.Lane.Length > 0)
        {
            AcknowledgeFanOuts(cell, ack);
        }
        else
        {
            AcknowledgeSends(cell, ack);
        }

        Schedule(cell);
    }

    private void AcknowledgeSends(Cell cell, Acknowledgement ack)
    {
        if (cell.Committed.Delivery?.Out.GetValueOrDefault(ack.Receiver) is not { Waiting: [.., var last] waiting })
        {
            return;
        }

        var known = cell.UnstoredAcks.GetValueOrDefault(ack.Receiver);
        if (waiting[0].Number <= ack.Number && ack.Number > known && known < last.Number)
        {
            cell.UnstoredAcks[ack.Receiver] = ack.Number;
            cell.AckFlushAt ??= Now + _options.AckFlushAfter;
            cell.Sends.Remove(ack.Receiver);
            if (last.Number > ack.Number)
            {
                Await(cell, ack.Receiver);
            }
        }
        else if (cell.Sends.TryGetValue(ack.Receiver, out var sends))
        {
            RepeatSoon(cell, sends.Repeats);
        }
    }

    /// <summary>Sends to this receiver are out from now on.</summary>
    private void Await(Cell cell, EntityId receiver)
    {
        var due = Now + _options.ResendAfter;
        if (cell.Sends.TryAdd(receiver, new Unacknowledged(Now, new Repeats(due))))
        {
            cell.ResendAt = Earlier(due, cell.ResendAt);
        }
    }

    /// <summary>The receiver is alive and lacks something: it is sent again soon, however long the wait has grown.</summary>
    private void RepeatSoon(Cell cell, Repeats repeats)
    {
        repeats.Count = 0;
        repeats.Due = Earlier(repeats.Due, Now + _options.ResendAfter);
        cell.ResendAt = Earlier(repeats.Due, cell.ResendAt);
    }

    /// <summary>Stores acknowledgements that found no append to ride on.</summary>
    private void FlushAcks(Cell cell)
    {
        cell.AckFlushAt = null;
        if (cell.UnstoredAcks.Count > 0 && cell.Phase == CellPhase.Active)
        {
            Note(cell);
        }
    }

    /// <summary>Stores that nothing happened: for what rides on it, and so that a late append meets a position that is taken.</summary>
    private void Note(Cell cell)
    {
        var item = new WorkItem { Message = Noted };
        Take(cell, item, Record(cell, item, new Reaction([Noted], [], null)));
    }

    /// <param name="all">Also what is not due yet.</param>
    private void Resend(Cell cell, bool all)
    {
        // What is nearly due goes along: one message for many.
        var due = all ? DateTimeOffset.MaxValue : Now + (_options.ResendAfter / 4);
        cell.ResendAt = null;
        ResendSends(cell, due);
        ResendFanOuts(cell, due);
    }

    private void ResendSends(Cell cell, DateTimeOffset due)
    {
        foreach (var (receiver, sends) in cell.Sends)
        {
            if (sends.Repeats.Due <= due)
            {
                var acked = cell.UnstoredAcks.GetValueOrDefault(receiver);
                foreach (var send in cell.Committed.Delivery.Out[receiver].Waiting.Where(send => send.Number > acked).Take(ResendWindow))
                {
                    _out.Send(new Envelope(cell.Id, receiver, "", send.Number, send.Number - 1, send.Message));
                }

                BackOff(sends.Repeats);
            }

            cell.ResendAt = Earlier(sends.Repeats.Due, cell.ResendAt);
        }
    }

    private void ResendFanOuts(Cell cell, DateTimeOffset due)
    {
        var repeating = new List<FanOutLane>();
        foreach (var lane in cell.Lanes.Values.Where(lane => lane.Open.Count > 0))
        {
            if (lane.Repeats.Due <= due)
            {
                repeating.Add(lane);
                if (lane.BeginRepeat())
                {
                    lane.Repeats.Due = Now + _options.ResendAfter;
                }
                else
                {
                    BackOff(lane.Repeats);
                }
            }

            cell.ResendAt = Earlier(lane.Repeats.Due, cell.ResendAt);
        }

        foreach (var run in cell.FanOuts.Values.Where(run => run.Open > 0 && repeating.Count > 0))
        {
            SendFanOut(cell, run, lane => lane.TakesRepeat(run.FanOut.Number));
        }

        foreach (var lane in repeating)
        {
            lane.EndRepeat();
        }
    }

    private void BackOff(Repeats repeats)
    {
        var delay = _options.ResendAfter * (1 << Math.Min(++repeats.Count, 10));
        repeats.Due = Now + (delay < _options.ResendAtMost ? delay : _options.ResendAtMost);
    }

    /// <param name="isLoading">These are the first since the load: some members may have stored them long ago.</param>
    private void UpdateFanOuts(Cell cell, ImmutableArray<FanOut> wanted, bool isLoading)
    {
        if (cell.FanOuts.Count > 0)
        {
            var numbers = wanted.Select(fanOut => fanOut.Number).ToHashSet();
            foreach (var number in cell.FanOuts.Keys.Where(number => !numbers.Contains(number)).ToArray())
            {
                cell.FanOuts.Remove(number, out var run);
                Withdraw(run!);
            }
        }

        foreach (var fanOut in wanted)
        {
            if (!cell.FanOuts.ContainsKey(fanOut.Number))
            {
                StartFanOut(cell, fanOut, isLoading);
            }
        }
    }

    private void StartFanOut(Cell cell, FanOut fanOut, bool isLoading)
    {
        var run = new FanOutRun(fanOut, Now);
        cell.FanOuts.Add(fanOut.Number, run);
        foreach (var member in fanOut.Members)
        {
            ref var lane = ref CollectionsMarshal.GetValueRefOrAddDefault(cell.Lanes, (member.To, member.Lane), out _);
            lane ??= new FanOutLane(member.To.ShardHash(_options.ShardCount), isLoading);
            if (lane.Open.Count == 0)
            {
                lane.Repeats.Count = 0;
                lane.Repeats.Due = Now + _options.ResendAfter;
            }

            run.Members.Add((member, lane));
        }

        run.Open = run.Members.Count;
        SendFanOut(cell, run, lane => lane.Add(run, isLoading));
        CompleteIfDone(cell, run);
        cell.ResendAt = Earlier(Now + _options.ResendAfter, cell.ResendAt);
    }

    /// <summary>The state no longer asks for it, whoever has not acknowledged it.</summary>
    private static void Withdraw(FanOutRun run)
    {
        if (run.Open == 0)
        {
            return;
        }

        foreach (var (_, lane) in run.Members)
        {
            for (var left = lane.Open.Count; left > 0; left--)
            {
                if (lane.Open.Dequeue() is var other && other != run)
                {
                    lane.Open.Enqueue(other);
                }
            }
        }
    }

    /// <param name="takes">Asked for each member's lane.</param>
    private void SendFanOut(Cell cell, FanOutRun run, Func<FanOutLane, bool> takes)
    {
        var shards = new SortedDictionary<int, ImmutableArray<FanOutMember>.Builder>();
        foreach (var (member, lane) in run.Members)
        {
            if (takes(lane))
            {
                if (!shards.TryGetValue(lane.Shard, out var members))
                {
                    shards.Add(lane.Shard, members = ImmutableArray.CreateBuilder<FanOutMember>());
                }

                members.Add(member);
            }
        }

        foreach (var (shard, members) in shards)
        {
            _out.SendFanOut(new FanOutEnvelope(cell.Id, shard, run.FanOut.Number, run.FanOut.Message, members.ToImmutable()));
        }
    }

    /// <summary>
    /// An acknowledgement settles this and every earlier fan-out of the lane. One that stands before a fan-out that is still open shows a gap at the
    /// receiver: what it misses is sent again in order.
    /// </summary>
    private void AcknowledgeFanOuts(Cell cell, Acknowledgement ack)
    {
        if (!cell.Lanes.TryGetValue((ack.Receiver, ack.Lane), out var lane) || lane.Open.Count == 0)
        {
            return;
        }

        if (lane.Open.Peek().FanOut.Number > ack.Number)
        {
            lane.Lose();
            RepeatSoon(cell, lane.Repeats);
            return;
        }

        while (lane.Open.TryPeek(out var run) && run.FanOut.Number <= ack.Number)
        {
            lane.Open.Dequeue();
            run.Open--;
            CompleteIfDone(cell, run);
        }

        lane.Move(ack.Number);
        lane.Repeats.Count = 0;
        lane.Repeats.Due = Now + (lane.HasMore ? _options.ResendAfter / 16 : _options.ResendAfter);
        cell.ResendAt = lane.Open.Count > 0 ? Earlier(lane.Repeats.Due, cell.ResendAt) : cell.ResendAt;
    }

    private void CompleteIfDone(Cell cell, FanOutRun run)
    {
        if (run.Open == 0)
        {
            Enqueue(cell, new WorkItem { Message = new FanOutDelivered(run.FanOut.Number) });
        }
    }

    private void UpdateInterest(Cell cell, ImmutableArray<string> wanted)
    {
        foreach (var symbol in cell.Interest.Where(symbol => !wanted.Contains(symbol)).ToArray())
        {
            cell.Interest.Remove(symbol);
            Forget(cell, symbol);
        }

        foreach (var symbol in wanted)
        {
            if (cell.Interest.Add(symbol))
            {
                if (!_interest.TryGetValue(symbol, out var interested))
                {
                    _interest.Add(symbol, interested = []);
                }

                interested.Add(cell.Id);
                _out.InterestBegan(cell.Id, symbol);
            }
        }
    }

    private void EndInterest(Cell cell)
    {
        foreach (var symbol in cell.Interest)
        {
            Forget(cell, symbol);
        }

        cell.Interest.Clear();
    }

    private void Forget(Cell cell, string symbol)
    {
        var interested = _interest[symbol];
        interested.Remove(cell.Id);
        if (interested.Count == 0)
        {
            _interest.Remove(symbol);
        }

        _out.InterestEnded(cell.Id, symbol);
    }
}
