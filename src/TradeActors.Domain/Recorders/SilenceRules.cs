using System.Globalization;

namespace TradeActors.Domain.Recorders;

/// <summary>
/// The alarm that is raised once when no signal has come for a set time. Where the recorder has trading windows, only time inside of them counts: a strategy
/// that rests at night is not silent.
/// </summary>
internal static class SilenceRules
{
    /// <summary>Windows that are waited through; only windows of minutes a week need more, and are called silent then.</summary>
    private const int MostStretches = 500;

    /// <summary>When the alarm is due; null when none is set, or it is raised already.</summary>
    public static DateTimeOffset? DueAt(RecorderState state) =>
        state is { Settings.SilenceAlarmMinutes: { } minutes and > 0, SilentSince: null, QuietSince: { } since }
            ? After(since, TimeSpan.FromMinutes(minutes), state.Settings)
            : null;

    public static string Told(RecorderState state, SilenceRaised raised) => string.Create(
        CultureInfo.InvariantCulture,
        $"No signal has come since {raised.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; the alarm is set to {state.Settings.SilenceAlarmMinutes} minutes");

    private static DateTimeOffset After(DateTimeOffset at, TimeSpan left, Settings settings)
    {
        TradingWindow[] windows = settings.Filters?.Windows is { IsDefault: false } named
            ? [.. named.Select(window => TradingWindow.Parse(window, out _)).OfType<TradingWindow>()]
            : [];
        if (windows.Length == 0)
        {
            return at + left;
        }

        for (var i = 0; i < MostStretches; i++)
        {
            var (start, end) = windows.Select(window => window.NextStretch(at)).Min();
            at = start > at ? start : at;
            if (left <= end - at)
            {
                return at + left;
            }

            left -= end - at;
            at = end;
        }

        return at;
    }
}
