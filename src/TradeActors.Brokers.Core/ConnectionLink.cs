using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.Brokers.Core;

/// <summary>The one session of a broker connection on this node, opened when first needed and shared by its calls.</summary>
internal sealed class ConnectionLink(EntityId connection, BrokerSettings settings, IBrokerAdapter adapter, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly BackOff _backOff = new();
    private IBrokerSession? _session;
    private DateTimeOffset _notBefore;

    /// <exception cref="BrokerUnavailableException">Not now; also while waiting out the back-off after a failed log-on.</exception>
    public async Task<IBrokerSession> SessionAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_session is null && time.GetUtcNow() < _notBefore)
            {
                throw new BrokerUnavailableException($"{connection} is waiting to log on again.");
            }

            return _session ??= await ConnectAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Gives the session up; the next call opens a new one.</summary>
    public async Task DropAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var session = _session;
            _session = null;
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    private async Task<IBrokerSession> ConnectAsync(CancellationToken ct)
    {
        try
        {
            var session = await adapter.ConnectAsync(connection, settings, ct).ConfigureAwait(false);
            _backOff.Reset();
            return session;
        }
        catch (Exception error) when (error is BrokerUnavailableException or BrokerSessionRefusedException)
        {
            _notBefore = time.GetUtcNow() + _backOff.Next();
            throw;
        }
    }
}

/// <summary>Doubling delays from 100 ms to 10 s. Not for use by several threads at once.</summary>
internal sealed class BackOff
{
    private int _count;

    public TimeSpan Next()
    {
        var delay = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(_count++, 7)));
        return delay < TimeSpan.FromSeconds(10) ? delay : TimeSpan.FromSeconds(10);
    }

    public void Reset() => _count = 0;
}
