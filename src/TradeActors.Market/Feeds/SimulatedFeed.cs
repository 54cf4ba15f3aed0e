using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NodaTime;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Market.Feeds;

/// <summary>Runs a <see cref="SimulatedMarket"/> in real time. The same seed, stored quotes and clock give the same quotes.</summary>
/// <remarks>
/// It quotes the default fronts, and a contract that has rolled off for as long as it trades, since somebody may still hold it. Prices go on from
/// the last quotes of the book. Posted ticks are accepted beside it: they hold until the next simulated quote of that contract, and the simulation
/// takes their price over only at its next start. A slow machine gets fewer quotes, never a burst of missed ones. With session hours a closed market
/// is silent, but its price walks on unseen, so that it may open with a gap as real ones do.
/// </remarks>
public sealed class SimulatedFeed : IMarketFeed
{
    /// <summary>Quotes beyond this rate come several at a time: timers are no finer than this everywhere.</summary>
    private const int MostTimerTicksPerSecond = 50;

    private static readonly TimeSpan RollCheckInterval = TimeSpan.FromSeconds(1);

    private readonly MarketOptions _options;
    private readonly IQuoteBook _book;
    private readonly TimeProvider _time;
    private readonly ILogger<SimulatedFeed> _logger;
    private ImmutableArray<Contract> _contracts = [];
    private SimulatedMarket? _market;
    private ulong _marketsMade;

    /// <param name="book">Read when <see cref="RunAsync"/> begins: start the pipeline before.</param>
    /// <exception cref="ArgumentOutOfRangeException">See <see cref="MarketOptions.Validate"/>.</exception>
    public SimulatedFeed(MarketOptions options, IQuoteBook book, TimeProvider time, ILogger<SimulatedFeed> logger)
    {
        options.Validate();
        (_options, _book, _time, _logger) = (options, book, time, logger);
    }

    public string Name => "simulated";

    public bool AcceptsManualQuotes => true;

    /// <summary>First gives every contract that has no quote its initial one, in or out of session; then one quote after the other.</summary>
    /// <remarks>Once per instance.</remarks>
    public async Task RunAsync(IQuoteQueue queue, CancellationToken ct)
    {
        var timerTicksPerSecond = Math.Min(_options.QuotesPerSecond, MostTimerTicksPerSecond);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / timerTicksPerSecond, _time);
        try
        {
            var nextRollCheck = await StartAsync(queue, ct) + RollCheckInterval;
            var owed = 0;
            while (await timer.WaitForNextTickAsync(ct))
            {
                if (_time.GetUtcNow() is var now && now >= nextRollCheck)
                {
                    await RollAsync(now, queue, ct);
                    nextRollCheck = now + RollCheckInterval;
                }

                for (owed += _options.QuotesPerSecond; owed >= timerTicksPerSecond; owed -= timerTicksPerSecond)
                {
                    await PublishNextAsync(queue, ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task<DateTimeOffset> StartAsync(IQuotePublisher publisher, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        _contracts = ContractsToQuote(now);
        _logger.SimulationStarted(_contracts.Length, _options.QuotesPerSecond, _options.Seed);
        await MakeMarketAsync(StoredPrices(now), now, publisher, ct);
        return now;
    }

    private async Task RollAsync(DateTimeOffset now, IQuotePublisher publisher, CancellationToken ct)
    {
        var contracts = ContractsToQuote(now);
        if (contracts.SequenceEqual(_contracts))
        {
            return;
        }

        _contracts = contracts;
        _logger.SimulationRolled(string.Join(' ', contracts.Select(contract => contract.Symbol)));
        await MakeMarketAsync(_market!.Prices, now, publisher, ct);
    }

    private async Task MakeMarketAsync(
        IReadOnlyDictionary<string, decimal> prices, DateTimeOffset now, IQuotePublisher publisher, CancellationToken ct)
    {
        // Another seed after each roll: the same one would play the same moves again.
        _market = new SimulatedMarket(unchecked(_options.Seed + _marketsMade++), _contracts, prices);
        foreach (var contract in _contracts.Where(contract => _book.Last(contract.Symbol) is null))
        {
            await publisher.PublishAsync(_market.Initial(contract, now), ct);
        }
    }

    private async ValueTask PublishNextAsync(IQuotePublisher publisher, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        var quote = _market!.Next(now);
        if (!_options.SessionHours || IsOpen(quote.Symbol, now))
        {
            await publisher.PublishAsync(quote, ct);
        }
    }

    private static bool IsOpen(string symbol, DateTimeOffset now) =>
        InstrumentCatalog.FindContract(symbol)!.Instrument.Calendar.IsOpen(Instant.FromDateTimeOffset(now));

    // Fronts first, so that a root's price is that of its front.
    private ImmutableArray<Contract> ContractsToQuote(DateTimeOffset now)
    {
        var fronts = SimulatedMarket.DefaultContracts(now);
        var rolledOff = _book.All()
            .Select(quote => InstrumentCatalog.FindContract(quote.Symbol))
            .OfType<Contract>()
            .Where(contract => !contract.IsExpired(now) && fronts.Any(front => IsBefore(contract, front)));
        return [.. fronts, .. rolledOff];
    }

    private static bool IsBefore(Contract contract, Contract front) =>
        contract.Instrument == front.Instrument && contract.RollDate < front.RollDate;

    // Per root the front's price, else the one quoted last (after a roll that nobody saw). What a walk cannot start from is left out.
    private ImmutableSortedDictionary<string, decimal> StoredPrices(DateTimeOffset now) => _book.All()
        .Select(quote => (Quote: quote, Contract: InstrumentCatalog.FindContract(quote.Symbol)!))
        .Where(known => known is { Contract: not null, Quote.Last: > 0m })
        .OrderByDescending(known => known.Contract == InstrumentCatalog.Front(known.Contract.Instrument, now))
        .ThenByDescending(known => known.Quote.At)
        .DistinctBy(known => known.Contract.Instrument.Root)
        .ToImmutableSortedDictionary(known => known.Contract.Instrument.Root, known => known.Quote.Last, StringComparer.Ordinal);
}
