using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <content>Everything that happens because time has passed: timers, retries, repeats, wakes, passivation.</content>
public sealed partial class EntityCore
{
    // Entries are never removed, only recognised as outdated when they come up: the cell knows its own next time.
    private readonly PriorityQueue<EntityId, DateTimeOffset> _alarms = new();
    private readonly SortedDictionary<EntityId, DateTimeOffset> _wakes = [];

    /// <summary>When to give <see cref="CoreInput.ClockTick"/> at the latest, if no other input comes; null for never.</summary>
    public DateTimeOffset? NextAlarm => _alarms.TryPeek(out _, out var due) ? due : null;

    private void RingAlarms()
    {
        while (_alarms.TryPeek(out var id, out var due) && due <= Now)
        {
            _alarms.Dequeue();
            if (_cells.TryGetValue(id, out var cell))
            {
                if (cell.AlarmAt == due)
                {
                    cell.AlarmAt = null;
                    Ring(cell);
                    Schedule(cell);
                }
            }
            else if (_wakes.TryGetValue(id, out var wake) && wake <= Now)
            {
                CellOf(id);
            }
        }
    }

    private void Ring(Cell cell)
    {
        if (cell.Phase == CellPhase.BackingOff && cell.RetryAt <= Now)
        {
            Retry(cell);
        }

        if (cell.Phase != CellPhase.Active || !cell.IsSettled || cell.Owned.IsDraining)
        {
            return;
        }

        foreach (var timer in cell.Timers.Where(timer => timer.Due <= Now))
        {
            if (cell.FiredTimers.GetValueOrDefault(timer.Key) != timer.Due)
            {
                cell.FiredTimers[timer.Key] = timer.Due;
                Enqueue(cell, new WorkItem { Message = new TimerFired(timer.Key) });
            }
        }

        if (cell.ResendAt <= Now)
        {
            Resend(cell, all: false);
        }

        if (cell.AckFlushAt <= Now)
        {
            FlushAcks(cell);
        }

        if (cell.LastUsed + _options.PassivateAfter <= Now && !cell.HasWorkLeft)
        {
            Passivate(cell);
        }
    }

    private void Retry(Cell cell)
    {
        if (cell.RetryIsLoad)
        {
            StartLoad(cell);
        }
        else
        {
            cell.Phase = CellPhase.Active;
            Judge(cell);
        }
    }

    private void Passivate(Cell cell)
    {
        if (!cell.Timers.IsEmpty)
        {
            var due = cell.Timers.Min(timer => timer.Due);
            _wakes[cell.Id] = due;
            _alarms.Enqueue(cell.Id, due);
        }

        Remove(cell);
    }

    private void Schedule(Cell cell)
    {
        if (!IsLive(cell) || NextTime(cell) is not { } next || cell.AlarmAt <= next)
        {
            return;
        }

        cell.AlarmAt = next;
        _alarms.Enqueue(cell.Id, next);
    }

    private DateTimeOffset? NextTime(Cell cell)
    {
        if (cell.Phase == CellPhase.BackingOff)
        {
            return cell.RetryAt;
        }

        if (cell.Phase != CellPhase.Active || !cell.IsSettled || cell.Owned.IsDraining)
        {
            return null; // What it waits for arrives as an input.
        }

        var next = cell.LastUsed + _options.PassivateAfter;
        if (next <= Now)
        {
            next = Now + _options.PassivateAfter; // Idle long enough, but work is left: look again later.
        }

        foreach (var timer in cell.Timers)
        {
            if (cell.FiredTimers.GetValueOrDefault(timer.Key) != timer.Due)
            {
                next = Earlier(next, timer.Due);
            }
        }

        next = Earlier(next, cell.ResendAt);
        return Earlier(next, cell.AckFlushAt);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset? b) => b < a ? b.Value : a;
}
