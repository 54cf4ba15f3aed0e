using System.Globalization;
using TradeActors.Domain.Common;

namespace TradeActors.PaperExchange;

/// <summary>Every random draw of the exchange. None depends on what other orders drew, so no thread or message order changes a fill.</summary>
internal static class PaperDraws
{
    /// <summary>How the exchange misbehaves over one request.</summary>
    /// <param name="IsRequestLost">It never arrived.</param>
    /// <param name="IsAcceptanceLost">If it is accepted, the answer is lost.</param>
    public readonly record struct Answer(bool IsRequestLost, bool IsAcceptanceLost, AnswerMode Mode, TimeSpan LateBy);

    /// <summary>0 to the settings' SlippageTicks, drawn from (seed, ClOrdID, fill number).</summary>
    public static int SlippageTicks(PaperExchangeState state, PaperOrder order)
    {
        var most = state.Settings!.SlippageTicks;
        return most <= 0 ? 0 : Draw(state, order.ClOrdId, $"fill{(order.Fills + 1).ToString(CultureInfo.InvariantCulture)}").Next(most + 1);
    }

    /// <summary>How long an order is on its way: the settings' Latency and up to LatencyJitter more, drawn from (seed, ClOrdID).</summary>
    public static TimeSpan Latency(PaperExchangeState state, string clOrdId)
    {
        var jitter = (int)state.Settings!.LatencyJitter.TotalMilliseconds;
        return state.Settings.Latency + TimeSpan.FromMilliseconds(jitter <= 0 ? 0 : Draw(state, clOrdId, "latency").Next(jitter + 1));
    }

    /// <summary>
    /// Drawn from (seed, ClOrdID, "fault", time of arrival). With the time, a request that is sent again has a new chance; a counter of attempts would
    /// have to be stored, and a lost request must leave nothing behind.
    /// </summary>
    public static Answer AnswerTo(PaperExchangeState state, string clOrdId, DateTimeOffset now)
    {
        if (state.Faults is not { } faults)
        {
            return default;
        }

        var draw = Draw(state, clOrdId, $"fault{Arrival(now)}");
        var isRequestLost = draw.Chance(faults.LoseRequest);
        var isAcceptanceLost = draw.Chance(faults.TimeOutAfterAccept);
        var isLate = draw.Chance(faults.LateAnswer);
        return new Answer(isRequestLost, isAcceptanceLost, isLate ? AnswerMode.Late : AnswerMode.Normal, isLate ? faults.LateBy : TimeSpan.Zero);
    }

    public static AnswerMode AnswerToCancel(PaperExchangeState state, PaperOrder order, DateTimeOffset now) =>
        state.Faults is { } faults && Draw(state, order.OrderId, $"cancel-fault{Arrival(now)}").Chance(faults.LoseCancelAnswer)
            ? AnswerMode.Lost : AnswerMode.Normal;

    private static string Arrival(DateTimeOffset now) => now.UtcTicks.ToString(CultureInfo.InvariantCulture);

    private static Pcg32 Draw(PaperExchangeState state, string name, string purpose) =>
        new(state.Settings!.Seed, StableHash.Fnv1a64($"{name}/{purpose}"));
}
