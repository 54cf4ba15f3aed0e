namespace TradeActors.Journal.Sqlite;

/// <summary>One call that waits for the writer. Its work may run again, after a rollback, until it is completed or failed.</summary>
internal abstract class WriteCall
{
    /// <summary>About how many rows it writes.</summary>
    public abstract int Weight { get; }

    /// <summary>Does the work inside the open transaction. Must have no effect outside it.</summary>
    public abstract void Apply(WriteSession session);

    public abstract void Complete();

    public abstract void Fail(Exception failure);
}

internal sealed class WriteCall<T>(Func<WriteSession, T> work, int weight) : WriteCall
{
    // Continuations must not run on the writer's thread: everybody else's writes wait for it.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Done => _done.Task;

    public override int Weight => weight;

    public override void Apply(WriteSession session) => _result = work(session);

    public override void Complete() => _done.SetResult(_result!);

    public override void Fail(Exception failure) => _done.SetException(failure);
}
