using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>
/// The quotes of one process: what it has received, who wants it, and what waits for a slow reader. As the production pipeline, with the same
/// <see cref="WantedQuotes"/>; a restart begins with the stored quotes.
/// </summary>
/// <param name="hand">Gives quotes of one contract to the core.</param>
internal sealed class NodeMarket(SimWorld world, SimNode node, Pcg32 random, Action<string, ImmutableArray<Quote>> hand) : ILastQuotes
{
    /// <summary>As the pipeline's SaveInterval.</summary>
    private const double SaveAfterMs = 500;

    private readonly int _number = node.Number;
    private readonly long _life = node.Life;
    private readonly SortedDictionary<string, WantedQuotes> _contracts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Quote> _unsaved = new(StringComparer.Ordinal);

    public Quote? Last(string symbol) => _contracts.GetValueOrDefault(symbol)?.Last;

    public void Restore()
    {
        world.Model.Market.Started(_number);
        foreach (var quote in world.Market.Stored)
        {
            Contract(quote.Symbol).Restore(quote);
            world.Model.Market.Received(_number, quote);
        }
    }

    public void Receive(Quote quote)
    {
        world.Model.Market.Received(_number, quote);
        if (Contract(quote.Symbol).Accept(quote))
        {
            Deliver(quote.Symbol);
        }

        Save(quote);
    }

    public Quote? BeginInterest(string symbol)
    {
        var contract = Contract(symbol);
        if (!contract.IsWanted)
        {
            world.Model.Market.Wanted(_number, symbol);
        }

        return contract.BeginInterest();
    }

    public void EndInterest(string symbol) => Contract(symbol).EndInterest();

    /// <summary>While the reader is at work, what comes is conflated.</summary>
    private void Deliver(string symbol)
    {
        var (quotes, leftOut) = Contract(symbol).Take();
        if (quotes.IsEmpty)
        {
            return;
        }

        if (leftOut > 0)
        {
            world.Faults.Note(Fault.QuotesConflated);
        }

        quotes = world.Defect == Defect.ConflationLosesOrder ? [.. quotes.Reverse()] : quotes;
        world.AfterQuietly(random, 0, world.Faults.Fire(Fault.QuoteReaderSlow) ? 3_000 : 0.5, () => node.Run(_life, () =>
        {
            world.Model.Market.Handed(_number, symbol, quotes);
            hand(symbol, quotes);
            Deliver(symbol);
        }));
    }

    private void Save(Quote quote)
    {
        var isFirst = _unsaved.Count == 0;
        _unsaved[quote.Symbol] = quote;
        if (isFirst)
        {
            world.AfterQuietly(random, SaveAfterMs, SaveAfterMs, () => node.Run(_life, () =>
            {
                world.Market.Store(_unsaved.Values);
                _unsaved.Clear();
            }));
        }
    }

    private WantedQuotes Contract(string symbol)
    {
        if (!_contracts.TryGetValue(symbol, out var contract))
        {
            _contracts.Add(symbol, contract = new WantedQuotes(symbol));
        }

        return contract;
    }
}
