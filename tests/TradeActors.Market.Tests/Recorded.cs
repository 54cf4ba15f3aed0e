namespace TradeActors.Market.Tests;

/// <summary>Things that happened on other threads, in order, and a way to wait for them.</summary>
internal sealed class Recorded<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _items = [];
    private readonly List<(Func<IReadOnlyList<T>, bool> IsMet, TaskCompletionSource<IReadOnlyList<T>> Met)> _waiters = [];

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _items];
            }
        }
    }

    public void Add(T item)
    {
        lock (_gate)
        {
            _items.Add(item);
            TellWaiters_NeedsLock();
        }
    }

    /// <summary>Everything recorded, once there are so many.</summary>
    public Task<IReadOnlyList<T>> CountAsync(int count) => UntilAsync(items => items.Count >= count, $"{count} items");

    public Task<IReadOnlyList<T>> UntilAsync(Func<IReadOnlyList<T>, bool> isMet, string expected)
    {
        lock (_gate)
        {
            var met = new TaskCompletionSource<IReadOnlyList<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((isMet, met));
            TellWaiters_NeedsLock();
            return met.Task.OrFail(() => $"{expected}; seen are {Items.Count}: {string.Join(", ", Items.TakeLast(10))}");
        }
    }

    private void TellWaiters_NeedsLock()
    {
        foreach (var waiter in _waiters.Where(waiter => waiter.IsMet(_items)).ToList())
        {
            _waiters.Remove(waiter);
            waiter.Met.SetResult([.. _items]);
        }
    }
}

internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Fails with what was expected and what was seen when the task takes for ever.</summary>
    public static async Task<T> OrFail<T>(this Task<T> task, Func<string> expectedAndSeen)
    {
        try
        {
            return await task.WaitAsync(Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Expected {expectedAndSeen()}.", e);
        }
    }

    public static Task OrFail(this Task task, Func<string> expectedAndSeen)
    {
        return AwaitAsync().OrFail(expectedAndSeen);

        async Task<bool> AwaitAsync()
        {
            await task;
            return true;
        }
    }
}
