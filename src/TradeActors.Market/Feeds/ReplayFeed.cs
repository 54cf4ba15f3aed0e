using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TradeActors.Domain.Market;

namespace TradeActors.Market.Feeds;

/// <summary>Publishes the quotes of a file, at the pace of their times divided by the speed.</summary>
/// <remarks>
/// The next quote is published only after the consumers have taken the one before: none is conflated, so that the same file gives the same fills
/// however busy the machine is. When that takes longer than the pace allows, the replay falls behind. A root in the file means the front contract as of
/// the time that the quote gets. Posted ticks would make it another replay and are not asked for.
/// </remarks>
public sealed class ReplayFeed : IMarketFeed
{
    // A timer's longest wait is some weeks; a gap in a file may be longer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly ReplayOptions _options;
    private readonly ReplayFile _file;
    private readonly TimeProvider _time;
    private readonly Counter<long> _badLines;
    private readonly ILogger<ReplayFeed> _logger;
    private long _published;
    private long _bad;

    /// <exception cref="ArgumentOutOfRangeException">See <see cref="ReplayOptions.Validate"/>.</exception>
    /// <exception cref="IOException">See <see cref="ReplayFile.Open"/>, also for further exceptions.</exception>
    public ReplayFeed(ReplayOptions options, TimeProvider time, IMeterFactory meters, ILogger<ReplayFeed> logger)
    {
        options.Validate();
        (_options, _time, _logger) = (options, time, logger);
        _file = ReplayFile.Open(options.File);
        _badLines = meters.Create(MarketPipeline.MeterName)
            .CreateCounter<long>("tradeactors.market.replay.bad_lines", "{line}", "Lines of the replayed file that could not be used.");
    }

    public string Name => "replay";

    public bool AcceptsManualQuotes => false;

    /// <summary>Returns at the end of the file, unless it loops.</summary>
    /// <exception cref="FormatException">A line cannot be used and is not to be skipped; the message names file and line.</exception>
    public async Task RunAsync(IQuoteQueue queue, CancellationToken ct)
    {
        _logger.ReplayStarted(_options.File, _options.Speed);
        try
        {
            long before;
            do
            {
                before = _published;
                await ReplayAsync(queue, ct);
                _logger.ReplayEnded(_options.File, _published, _bad);
            }
            while (_options.Loop && _published > before); // A file without a quote would loop without a pause.
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task ReplayAsync(IQuoteQueue queue, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        DateTimeOffset? first = null;
        foreach (var line in _file.Lines())
        {
            if (line.Quote is not { } recorded)
            {
                Refuse(line.Error!);
                continue;
            }

            first ??= recorded.At;
            await WaitAsync(started, recorded.At - first.Value, ct);
            var check = Check(recorded);
            if (check.Accepted is not { } quote)
            {
                Refuse(_file.At(line.Number, check.Error!));
                continue;
            }

            await queue.PublishAsync(quote, ct);
            await queue.DrainedAsync(ct);
            _published++;
        }
    }

    private QuoteCheck Check(Quote recorded)
    {
        var quote = _options.Times == ReplayTimes.Original ? recorded : recorded with { At = _time.GetUtcNow() };
        return QuoteRules.Check(quote, quote.At);
    }

    private async Task WaitAsync(long started, TimeSpan recordedSince, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_options.Speed == 0)
        {
            return;
        }

        var due = recordedSince / _options.Speed;
        while (due - _time.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < LongestWait ? left : LongestWait, _time, ct);
        }
    }

    private void Refuse(string error)
    {
        _bad++;
        _badLines.Add(1);
        if (!_options.SkipsBadLines)
        {
            throw new FormatException(error);
        }

        if (_bad == 1)
        {
            _logger.ReplayLineSkipped(error); // The first alone: the end says how many there were.
        }
    }
}
