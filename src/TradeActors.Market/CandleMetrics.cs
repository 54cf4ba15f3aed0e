using System.Diagnostics.Metrics;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>What a <see cref="CandleKeeper"/> counts, under <see cref="MarketPipeline.MeterName"/>.</summary>
internal sealed class CandleMetrics
{
    private readonly Counter<long> _leftOut;
    private readonly Counter<long> _saved;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _failedSaves;

    public CandleMetrics(IMeterFactory meters, Func<int> unsaved)
    {
        var meter = meters.Create(MarketPipeline.MeterName);
        _leftOut = meter.CreateCounter<long>("tradeactors.market.candles.left_out", "{quote}", "Quotes that are in no candle, by reason.");
        _saved = meter.CreateCounter<long>("tradeactors.market.candles.saved", "{candle}", "Candles stored, each time that one was.");
        _lost = meter.CreateCounter<long>("tradeactors.market.candles.lost", "{candle}", "Changes of candles that found no room to wait for the store.");
        _failedSaves = meter.CreateCounter<long>("tradeactors.market.candles.failed_saves", "{save}", "Times that candles could not be stored.");
        meter.CreateObservableGauge("tradeactors.market.candles.unsaved", unsaved, "{candle}", "Changed candles that wait for the store.");
    }

    public void LeftOut(CandleVerdict verdict) => _leftOut.Add(1, new KeyValuePair<string, object?>("reason", verdict switch
    {
        CandleVerdict.NoTrade => "no_trade",
        CandleVerdict.Late => "late",
        CandleVerdict.Ahead => "ahead",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "Not a reason to leave a quote out."),
    }));

    public void Saved(int candles) => _saved.Add(candles);

    public void Lost() => _lost.Add(1);

    public void SaveFailed() => _failedSaves.Add(1);
}
