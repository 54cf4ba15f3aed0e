using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Postgres;

/// <summary>One call of <see cref="IJournal.AppendAsync"/> that waits for its transaction.</summary>
internal sealed class AppendCall(ImmutableArray<EntityAppend> parts)
{
    // Continuations must not run on the writer's loop: everybody else's appends wait for it.
    private readonly TaskCompletionSource<ImmutableArray<AppendOutcome>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ImmutableArray<EntityAppend> Parts => parts;

    /// <summary>About how many rows it writes.</summary>
    public int Weight { get; } = parts.Sum(part => 1 + part.Events.Length + part.Rows.Length);

    public Task<ImmutableArray<AppendOutcome>> Done => _done.Task;

    public void Complete(ImmutableArray<AppendOutcome> outcomes) => _done.TrySetResult(outcomes);

    public void Fail(Exception failure) => _done.TrySetException(failure);
}
