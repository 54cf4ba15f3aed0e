using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.PaperExchange;

/// <summary>One session of one paper book. Safe from several threads; holds nothing that a new session could not ask again.</summary>
/// <remarks>
/// The book keeps a report until its number has come back as stored, with <see cref="Reports"/> or with an order (<see cref="SubmitOrder.StoredCursor"/>).
/// </remarks>
public sealed class PaperBrokerSession : IBrokerSession
{
    private readonly EntityId _exchange;
    private readonly PaperDialog _dialog;
    private readonly IEntityGateway _gateway;
    private readonly IEntityWatch _watch;
    private readonly IQuoteBook _quotes;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();

    internal PaperBrokerSession(
        EntityId exchange, TimeSpan requestTimeout, IEntityGateway gateway, IEntityWatch watch, IQuoteBook quotes, TimeProvider time)
    {
        (_exchange, _dialog, _gateway, _watch, _quotes, _time) = (exchange, new PaperDialog(requestTimeout), gateway, watch, quotes, time);
    }

    internal async Task OpenAsync(PaperSettings settings, CancellationToken ct)
    {
        var reply = await QueryAsync<PaperBookReply>(new OpenPaperBook(settings), ct).ConfigureAwait(false);
        if (reply.Refusal is { } refusal)
        {
            throw new BrokerSessionRefusedException(refusal);
        }
    }

    public async Task<BrokerAck> SubmitAsync(SubmitOrder order, Func<bool> mayAct, CancellationToken ct)
    {
        var command = _dialog.Place(order, _quotes.Last(order.Terms.Symbol));
        if (_time.GetUtcNow() > order.SendBefore || !mayAct())
        {
            throw new BrokerNotSentException($"Order {order.ClOrdId}: the send deadline has passed or the lease was lost.");
        }

        var answer = await HeardAsync(_dialog.TakePlaced(await OrderAsync<PaperPlaceReply>(command, ct).ConfigureAwait(false)), ct).ConfigureAwait(false);
        return new BrokerAck(DetailOf(
            answer.Outcome == PaperOutcome.AskForFirst ? await FirstAsync(order.ClOrdId, ct).ConfigureAwait(false) : answer));
    }

    private async Task<PaperAnswer> FirstAsync(string clOrdId, CancellationToken ct)
    {
        try
        {
            return PaperDialog.TakeFirst(clOrdId, await QueryAsync<PaperFindReply>(new FindPaperOrder(clOrdId), ct).ConfigureAwait(false));
        }
        catch (BrokerUnavailableException)
        {
            return PaperDialog.TakeFirst(clOrdId, null);
        }
    }

    public async Task CancelAsync(CancelOrder order, CancellationToken ct)
    {
        var reply = await OrderAsync<PaperCancelReply>(new CancelPaperOrder(order.ClOrdId, order.BrokerOrderId), ct).ConfigureAwait(false);
        DetailOf(await HeardAsync(_dialog.TakeCanceled(reply), ct).ConfigureAwait(false));
    }

    public async Task<BrokerOrder?> FindOrderAsync(FindOrder order, CancellationToken ct)
    {
        var reply = await QueryAsync<PaperFindReply>(new FindPaperOrder(order.ClOrdId), ct).ConfigureAwait(false);
        return reply.IsOpen ? reply.Order : throw NotOpen();
    }

    public async Task<BrokerSnapshot> GetSnapshotAsync(CancellationToken ct)
    {
        var reply = await QueryAsync<PaperSnapshotReply>(new GetPaperSnapshot(), ct).ConfigureAwait(false);
        return reply.Snapshot ?? throw NotOpen();
    }

    /// <inheritdoc/>
    /// <remarks>Ends when the session is disposed.</remarks>
    public async IAsyncEnumerable<BrokerReport> Reports(string? after, string? stored, [EnumeratorCancellation] CancellationToken ct)
    {
        var reader = _dialog.ReadFrom(after, stored);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, _closed.Token);

        // Watched before the first read, so that what is committed in between rings. One ring is kept; more would only say the same.
        var bell = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watching = _watch.Watch(_exchange, seq => bell.Writer.TryWrite(seq));
        await using var safety = _time.CreateTimer(_ => bell.Writer.TryWrite(0), null, PaperDialog.SafetyReread, PaperDialog.SafetyReread).ConfigureAwait(false);
        while (true)
        {
            var page = await ReadAsync(reader, stop.Token).ConfigureAwait(false);
            if (page is not { } reports || (reports.IsEmpty && !await RungAsync(bell.Reader, stop.Token).ConfigureAwait(false)))
            {
                ct.ThrowIfCancellationRequested();
                yield break;
            }

            foreach (var report in reports)
            {
                yield return report;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _closed.Cancel(); // Not disposed: a stream may still be linking to it, and nothing of it needs freeing.
        return ValueTask.CompletedTask;
    }

    /// <returns>Null when stopped.</returns>
    private async Task<ImmutableArray<BrokerReport>?> ReadAsync(PaperReportReader reader, CancellationToken stop)
    {
        try
        {
            return reader.Take(await QueryAsync<PaperReportsReply>(reader.Next(), stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<bool> RungAsync(ChannelReader<long> bell, CancellationToken stop)
    {
        try
        {
            await bell.ReadAsync(stop).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>As late as the dialog says.</summary>
    private async Task<PaperAnswer> HeardAsync(PaperAnswer answer, CancellationToken ct)
    {
        if (answer.After > TimeSpan.Zero)
        {
            await Task.Delay(answer.After, _time, ct).ConfigureAwait(false);
        }

        return answer;
    }

    private static string DetailOf(PaperAnswer answer) => answer.Outcome switch
    {
        PaperOutcome.Accepted => answer.Detail,
        PaperOutcome.Rejected => throw new BrokerRejectedException(answer.Detail),
        _ => throw new BrokerUnknownOutcomeException(answer.Detail),
    };

    private async Task<T> OrderAsync<T>(object command, CancellationToken ct)
    {
        try
        {
            return (T)await _gateway.AskAsync(_exchange, command, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is EntityUnavailableException or MessageParkedException)
        {
            throw new BrokerUnknownOutcomeException("The paper exchange did not answer.", error);
        }
    }

    private async Task<T> QueryAsync<T>(object query, CancellationToken ct)
    {
        try
        {
            return (T)await _gateway.AskAsync(_exchange, query, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is EntityUnavailableException or MessageParkedException)
        {
            throw new BrokerUnavailableException("The paper exchange did not answer.", error);
        }
    }

    private static BrokerUnavailableException NotOpen() => new("The paper book is not open.");
}
