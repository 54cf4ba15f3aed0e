using System.Collections.Immutable;
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
        if (cell.Committed.Delivery?.Out.GetValueOrDefault(ack.Receiver) is not { } lane)
        {
            return;
        }

        var known = cell.UnstoredAcks.GetValueOrDefault(ack.Receiver);
        if (lane.Waiting.Any(send => send.Number > known && send.Number <= ack.Number))
        {
            cell.UnstoredAcks[ack.Receiver] = ack.Number;
            cell.AckFlushAt ??= Now + _options.AckFlushAfter;
            cell.ResendCount = 0;
            if (lane.Waiting[^1].Number > ack.Number)
            {
                cell.SendsSince[ack.Receiver] = Now;
            }
            else
            {
                cell.SendsSince.Remove(ack.Receiver);
            }
        }
    }

    /// <summary>Stores acknowledgements that found no append to ride on.</summary>
    private void FlushAcks(Cell cell)
    {
        cell.AckFlushAt = null;
        if (cell.UnstoredAcks.Count > 0 && cell.Phase == CellPhase.Active)
        {
            var item = new WorkItem { Message = Noted };
            Take(cell, item, Record(cell, item, new Reaction([Noted], [], null)));
        }
    }

    private void Resend(Cell cell)
    {
        cell.ResendAt = null;
        var isWaiting = false;
        foreach (var (receiver, lane) in cell.Committed.Delivery.Out)
        {
            var acked = cell.UnstoredAcks.GetValueOrDefault(receiver);
            foreach (var send in lane.Waiting.Where(send => send.Number > acked).Take(ResendWindow))
            {
                isWaiting = true;
                _out.Send(new Envelope(cell.Id, receiver, "", send.Number, send.Number - 1, send.Message));
            }
        }

        var inLane = new Dictionary<(EntityId, string), int>();
        foreach (var run in cell.FanOuts.Values.Where(run => run.Remaining.Count > 0))
        {
            isWaiting = true;
            SendFanOut(cell, run, run.Remaining.Where(member => IsInWindow(inLane, member.Key)).Select(member => member.Value));
        }

        if (isWaiting)
        {
            cell.ResendCount++;
            var delay = _options.ResendAfter * Math.Pow(2, Math.Min(cell.ResendCount, 10));
            cell.ResendAt = Now + (delay < _options.ResendAtMost ? delay : _options.ResendAtMost);
        }
    }

    /// <summary>Counts a lane's open fan-outs: a receiver takes them in order, so that those far behind the first are not worth repeating.</summary>
    private static bool IsInWindow(Dictionary<(EntityId, string), int> inLane, (EntityId, string) lane)
    {
        var count = inLane.GetValueOrDefault(lane) + 1;
        inLane[lane] = count;
        return count <= ResendWindow;
    }

    private void UpdateFanOuts(Cell cell, ImmutableArray<FanOut> wanted)
    {
        foreach (var number in cell.FanOuts.Keys.Where(number => !wanted.Any(fanOut => fanOut.Number == number)).ToArray())
        {
            cell.FanOuts.Remove(number);
        }

        foreach (var fanOut in wanted)
        {
            if (cell.FanOuts.ContainsKey(fanOut.Number))
            {
                continue;
            }

            var run = new FanOutRun(fanOut, Now);
            cell.FanOuts.Add(fanOut.Number, run);
            SendFanOut(cell, run, run.Remaining.Values);
            CompleteIfDone(cell, run);
            cell.ResendAt ??= Now + _options.ResendAfter;
        }
    }

    private void SendFanOut(Cell cell, FanOutRun run, IEnumerable<FanOutMember> members)
    {
        foreach (var shard in members.GroupBy(member => member.To.ShardHash(_options.ShardCount)).OrderBy(group => group.Key))
        {
            _out.SendFanOut(new FanOutEnvelope(cell.Id, shard.Key, run.FanOut.Number, run.FanOut.Message, [.. shard]));
        }
    }

    /// <summary>
    /// An acknowledgement settles this and every earlier fan-out of the lane. One that stands before a fan-out that is still open shows a gap at the
    /// receiver: what it misses is sent again in order.
    /// </summary>
    private void AcknowledgeFanOuts(Cell cell, Acknowledgement ack)
    {
        foreach (var run in cell.FanOuts.Values.ToArray())
        {
            if (run.FanOut.Number <= ack.Number && run.Remaining.Remove((ack.Receiver, ack.Lane)))
            {
                cell.ResendCount = 0;
                CompleteIfDone(cell, run);
            }
        }
    }

    private void CompleteIfDone(Cell cell, FanOutRun run)
    {
        if (run.Remaining.Count == 0)
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
