using System.Globalization;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Node.Hosting;

/// <summary>Asks PostgreSQL every second whether it is there: a node that nobody sends anything must know it too.</summary>
/// <param name="ping">Throws <see cref="JournalUnavailableException"/> when there is no answer.</param>
internal sealed class PostgresWatch(Func<CancellationToken, Task> ping, TimeProvider time, ILogger log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private volatile string? _fault;

    /// <summary>Null while it answers.</summary>
    public string? Fault => _fault;

    /// <summary>Until cancelled; then returns normally.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                Note(await TroubleAsync(ct));
                await Task.Delay(Interval, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task<string?> TroubleAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            await ping(either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"nothing came within {AnswerWithin.TotalSeconds} s");
        }
        catch (JournalUnavailableException error)
        {
            return error.GetBaseException().Message;
        }
    }

    private void Note(string? trouble)
    {
        var (before, now) = (_fault, trouble is null ? null : $"PostgreSQL does not answer: {trouble.TrimEnd('.')}.");
        _fault = now;
        if (before is null && now is not null)
        {
            NodeLog.StoreLost(log, trouble!);
        }
        else if (before is not null && now is null)
        {
            NodeLog.StoreBack(log);
        }
    }
}
