using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;

namespace TradeActors.PaperExchange.Tests.Support;

/// <summary>One book behind the ports that a session speaks to: one message at a time, everything through JSON, commits announced.</summary>
internal sealed class InMemoryNode(TimeProvider time) : IEntityGateway, IEntityWatch, IQuoteBook
{
    private readonly Lock _lock = new();
    private readonly Book _book = Book.Unopened();
    private readonly List<Action<long>> _watchers = [];
    private Quote? _last;

    /// <summary>Set to make every ask fail, before (false) or after (true) it was carried out.</summary>
    public bool? FailsAsksAfterwards { get; set; }

    /// <summary>Commits that nobody is told of.</summary>
    public bool IsSilent { get; set; }

    public List<object> Asked { get; } = [];

    public Book Book
    {
        get
        {
            lock (_lock)
            {
                return _book;
            }
        }
    }

    public Task<object> AskAsync(EntityId to, object message, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Assert(to == Book.Id, $"{to} is not {Book.Id}.");
        if (FailsAsksAfterwards == false)
        {
            throw new EntityUnavailableException("No owner.");
        }

        var reply = Tell(message)!;
        return FailsAsksAfterwards == true ? throw new EntityUnavailableException("No answer in time.") : Task.FromResult(reply);
    }

    public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct) => AskAsync(to, message, ct);

    public IDisposable Watch(EntityId id, Action<long> onCommitted)
    {
        lock (_lock)
        {
            _watchers.Add(onCommitted);
        }

        return new Unwatch(this, onCommitted);
    }

    public void Publish(Quote quote)
    {
        bool isWanted;
        lock (_lock)
        {
            _last = quote;
            isWanted = _book.Pending.TickSymbols.Contains(quote.Symbol);
        }

        if (isWanted)
        {
            Tell(new QuoteArrived(quote));
        }
    }

    public Quote? Last(string symbol) => _last?.Symbol == symbol ? _last : null;

    public IReadOnlyList<Quote> All() => _last is null ? [] : [_last];

    private object? Tell(object message)
    {
        object? reply;
        Action<long>[] watchers;
        long seq;
        lock (_lock)
        {
            Asked.Add(message);
            var before = _book.Journal.Count;
            _book.Now = time.GetUtcNow();
            reply = _book.Tell(message);
            _book.Reload();
            seq = _book.Journal.Count;
            watchers = seq == before || IsSilent ? [] : [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            watcher(seq);
        }

        return reply;
    }

    private static void Assert(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }

    private sealed class Unwatch(InMemoryNode node, Action<long> watcher) : IDisposable
    {
        public void Dispose()
        {
            lock (node._lock)
            {
                node._watchers.Remove(watcher);
            }
        }
    }
}
