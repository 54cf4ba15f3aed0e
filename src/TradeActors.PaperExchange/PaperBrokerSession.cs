using System.Globalization;
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
/// The book keeps a report until the reader has asked for <see cref="Reports"/> from a cursor at or behind it. A reader of a long session therefore
/// asks again from its stored cursor now and then (every thousand reports or so); a second stream of the same session is cheap.
/// </remarks>
public sealed class PaperBrokerSession : IBrokerSession
{
    /// <summary>How often reports are read without an announcement, in case one was missed.</summary>
    private static readonly TimeSpan SafetyReread = TimeSpan.FromSeconds(2);

    private readonly EntityId _exchange;
    private readonly TimeSpan _requestTimeout;
    private readonly IEntityGateway _gateway;
    private readonly IEntityWatch _watch;
    private readonly IQuoteBook _quotes;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();
    private long _seen;

    internal PaperBrokerSession(
        EntityId exchange, TimeSpan requestTimeout, IEntityGateway gateway, IEntityWatch watch, IQuoteBook quotes, TimeProvider time)
    {
        (_exchange, _requestTimeout, _gateway, _watch, _quotes, _time) = (exchange, requestTimeout, gateway, watch, quotes, time);
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
        RaiseSeen(NumberOf(order.StoredCursor));
        var command = new PlacePaperOrder(
            order.ClOrdId, order.Terms, _quotes.Last(order.Terms.Symbol), Volatile.Read(ref _seen), order.SendBefore + _requestTimeout);
        if (_time.GetUtcNow() > order.SendBefore || !mayAct())
        {
            throw new BrokerNotSentException($"Order {order.ClOrdId}: the send deadline has passed or the lease was lost.");
        }

        var reply = await OrderAsync<PaperPlaceReply>(command, ct).ConfigureAwait(false);
        await AnswerAsync(reply.Mode, reply.LateBy, ct).ConfigureAwait(false);
        return reply.Refusal switch
        {
            null => new BrokerAck(reply.OrderId!),
            PaperExchange.DuplicateClOrdId => await FirstOrderAsync(order, ct).ConfigureAwait(false),
            { } refusal => throw new BrokerRejectedException(refusal),
        };
    }

    /// <summary>A refused duplicate says that the first request arrived: its order is the answer, not a rejection.</summary>
    private async Task<BrokerAck> FirstOrderAsync(SubmitOrder order, CancellationToken ct)
    {
        try
        {
            var reply = await QueryAsync<PaperFindReply>(new FindPaperOrder(order.ClOrdId), ct).ConfigureAwait(false);
            return reply.Order is { } first
                ? new BrokerAck(first.BrokerOrderId)
                : throw new BrokerUnknownOutcomeException($"{order.ClOrdId} is known to the exchange, but it does not show the order.");
        }
        catch (BrokerUnavailableException error)
        {
            throw new BrokerUnknownOutcomeException($"{order.ClOrdId} is known to the exchange; which order it names was not answered.", error);
        }
    }

    public async Task CancelAsync(CancelOrder order, CancellationToken ct)
    {
        var reply = await OrderAsync<PaperCancelReply>(new CancelPaperOrder(order.ClOrdId, order.BrokerOrderId), ct).ConfigureAwait(false);
        await AnswerAsync(reply.Mode, TimeSpan.Zero, ct).ConfigureAwait(false);
        if (reply.Refusal is { } refusal)
        {
            throw new BrokerRejectedException(refusal);
        }
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
    public async IAsyncEnumerable<BrokerReport> Reports(string? cursor, [EnumeratorCancellation] CancellationToken ct)
    {
        var after = NumberOf(cursor);
        RaiseSeen(after);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, _closed.Token);

        // Watched before the first read, so that what is committed in between rings. One ring is kept; more would only say the same.
        var bell = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watching = _watch.Watch(_exchange, seq => bell.Writer.TryWrite(seq));
        await using var safety = _time.CreateTimer(_ => bell.Writer.TryWrite(0), null, SafetyReread, SafetyReread).ConfigureAwait(false);
        while (true)
        {
            var page = await ReadAsync(after, stop.Token).ConfigureAwait(false);
            if (page is null || (page.Reports.IsEmpty && !await RungAsync(bell.Reader, stop.Token).ConfigureAwait(false)))
            {
                ct.ThrowIfCancellationRequested();
                yield break;
            }

            foreach (var report in page.Reports)
            {
                yield return report;
                after = NumberOf(report.Cursor);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _closed.Cancel(); // Not disposed: a stream may still be linking to it, and nothing of it needs freeing.
        return ValueTask.CompletedTask;
    }

    /// <returns>Null when stopped.</returns>
    private async Task<PaperReportsReply?> ReadAsync(long after, CancellationToken stop)
    {
        try
        {
            var query = new GetPaperReports(after, PaperExchange.MaxReportsPerReply, Volatile.Read(ref _seen));
            var page = await QueryAsync<PaperReportsReply>(query, stop).ConfigureAwait(false);
            return after <= page.LastReport
                ? page
                : throw new BrokerUnavailableException($"Report {after} was asked for, the book ends at {page.LastReport}: it is not the same book.");
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

    /// <summary>Lets the broker's faults show: a lost answer is a time-out, and so is one that comes later than that.</summary>
    private async Task AnswerAsync(AnswerMode mode, TimeSpan lateBy, CancellationToken ct)
    {
        if (mode == AnswerMode.Normal)
        {
            return;
        }

        var isLost = mode == AnswerMode.Lost || lateBy >= _requestTimeout;
        await Task.Delay(isLost ? _requestTimeout : lateBy, _time, ct).ConfigureAwait(false);
        if (isLost)
        {
            throw new BrokerUnknownOutcomeException($"No answer within {_requestTimeout.TotalSeconds} s.");
        }
    }

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

    private void RaiseSeen(long number)
    {
        var seen = Volatile.Read(ref _seen);
        while (number > seen && Interlocked.CompareExchange(ref _seen, number, seen) is var current && current != seen)
        {
            seen = current;
        }
    }

    private static long NumberOf(string? cursor) => cursor is null
        ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new BrokerUnavailableException($"'{cursor}' is no cursor of the paper exchange.");

    private static BrokerUnavailableException NotOpen() => new("The paper book is not open.");
}
