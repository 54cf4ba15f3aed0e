using System.Globalization;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>The silence alarm: raised once by a timer, ended by the next signal.</summary>
public sealed class SilenceTests
{
    private static readonly Settings Hour = new(SilenceAlarmMinutes: 60);

    private readonly RecorderRun _recorder = new(Hour);

    [Fact]
    public void It_is_raised_once_when_nothing_has_come_since_it_was_set()
    {
        var set = _recorder.Now;
        Assert.Equal(set.AddMinutes(60), Due());
        _recorder.Now = set.AddMinutes(60).AddTicks(-1);
        Assert.Empty(_recorder.Ask(new TimerFired("silence")).Events);
        _recorder.Now = set.AddMinutes(60);
        var raised = _recorder.Ask(new TimerFired("silence"));
        Assert.Equal(new SilenceRaised(set), raised.Events.Single());
        Assert.Equal("No signal has come since 2026-08-20 14:00:00 UTC; the alarm is set to 60 minutes", raised.Warnings.Single());
        Assert.Equal(set, _recorder.State.SilentSince);
        Assert.Null(Due());
        _recorder.Now = set.AddDays(2);
        var later = _recorder.Ask(new Activated());
        Assert.Empty(later.Events);
        Assert.Empty(later.Warnings);
    }

    [Theory]
    [InlineData("buy")]
    [InlineData("close")] // Refused, and yet a sign of life.
    [InlineData(null)]
    public void Any_delivery_ends_it_and_begins_the_time_anew(string? text)
    {
        _recorder.Now = _recorder.Now.AddMinutes(90);
        _recorder.Ask(new TimerFired("silence"));
        _recorder.Receive(_recorder.Delivery(text is null ? null : Given.Parsed(text)));
        Assert.Null(_recorder.State.SilentSince);
        Assert.Equal(_recorder.Now.AddMinutes(60), Due());
    }

    [Fact]
    public void A_test_signal_and_the_end_of_a_window_are_no_signs_of_life()
    {
        var window = new WindowSettings("09:00", "10:00", "America/Chicago", FlattenAtEnd: true);
        _recorder.Ask(new ChangeRecorder("A", "ESU2026", Hour with { Filters = new FilterSettings(Windows: [window]) }));
        _recorder.Signal("buy");
        var due = Due();
        _recorder.Ask(new TestSignal(_recorder.Delivery(Given.Parsed("close"))));
        _recorder.Now = _recorder.Now.AddHours(1);
        Assert.IsType<SignalAccepted>(_recorder.Ask(new TimerFired("window:ESU2026")).Events[0]);
        Assert.Equal(due, _recorder.Now); // It is due in the very moment in which the window ends.
        Assert.NotNull(_recorder.State.SilentSince);
    }

    [Fact]
    public void Setting_it_begins_the_time_and_editing_something_else_changes_nothing()
    {
        var recorder = new RecorderRun();
        Assert.Empty(Recorder.Pending(recorder.State).Timers);
        recorder.Signal("buy");
        recorder.Now = recorder.Now.AddDays(1);
        recorder.Ask(new ChangeRecorder("A", null, Hour));
        Assert.Equal(recorder.Now.AddMinutes(60), Due(recorder)); // Not at once for what came before.
        recorder.Now = recorder.Now.AddMinutes(60);
        recorder.Ask(new TimerFired("silence"));
        recorder.Ask(new ChangeRecorder("B", null, Hour with { Blocked = true }));
        Assert.NotNull(recorder.State.SilentSince);
        recorder.Ask(new ChangeRecorder("B", null, Hour with { SilenceAlarmMinutes = 30 }));
        Assert.Equal((null, recorder.Now.AddMinutes(30)), (recorder.State.SilentSince, Due(recorder)));
        recorder.Ask(new ChangeRecorder("B", null, Settings.None));
        Assert.Empty(Recorder.Pending(recorder.State).Timers);
    }

    [Theory]
    [InlineData("2026-08-20T14:00Z", 60, "2026-08-20T15:00Z")] // Within the day's window, 13:30 to 20:00 UTC.
    [InlineData("2026-08-20T19:30Z", 60, "2026-08-21T14:00Z")] // Half an hour today, half an hour tomorrow.
    [InlineData("2026-08-21T19:30Z", 60, "2026-08-24T14:00Z")] // Over the weekend.
    [InlineData("2026-08-22T08:00Z", 60, "2026-08-24T14:30Z")] // From outside of it.
    [InlineData("2026-08-20T13:30Z", 390, "2026-08-20T20:00Z")] // The whole window.
    [InlineData("2026-08-20T13:30Z", 391, "2026-08-21T13:31Z")]
    public void Only_time_inside_the_windows_counts(string from, int minutes, string due)
    {
        var windows = new FilterSettings(Windows: [new WindowSettings("08:30", "15:00", "America/Chicago", ["mon", "tue", "wed", "thu", "fri"])]);
        var recorder = new RecorderRun { Now = Utc(from) };
        recorder.Ask(new ChangeRecorder("A", null, new Settings(Filters: windows, SilenceAlarmMinutes: minutes)));
        Assert.Equal(Utc(due), Due(recorder));
    }

    [Fact]
    public void Several_windows_count_together()
    {
        var windows = new FilterSettings(Windows: [
            new WindowSettings("20:00", "21:00", "Europe/London"), new WindowSettings("09:00", "09:30", "America/Chicago"), new WindowSettings("23:00", "01:00", "UTC")]);
        var recorder = new RecorderRun();
        recorder.Ask(new ChangeRecorder("A", null, new Settings(Filters: windows, SilenceAlarmMinutes: 120)));
        Assert.Equal(Utc("2026-08-20T23:30Z"), Due(recorder)); // 14:00 to 14:30, 19:00 to 20:00, then from 23:00.
    }

    [Fact]
    public void Windows_of_a_minute_a_week_are_given_up_on_after_five_hundred()
    {
        var windows = new FilterSettings(Windows: [new WindowSettings("09:00", "09:01", "UTC", ["mon"])]);
        var recorder = new RecorderRun();
        recorder.Ask(new ChangeRecorder("A", null, new Settings(Filters: windows, SilenceAlarmMinutes: 10_080)));
        Assert.Equal(Utc("2026-08-24T09:01Z").AddDays(7 * 499), Due(recorder));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10_081)]
    public void A_time_that_is_none_is_refused(int minutes)
    {
        Assert.Equal("settings.silenceAlarmMinutes", SettingsRules.Check(new Settings(SilenceAlarmMinutes: minutes)).Single().Field);
        Assert.Contains(SettingsRules.Check(Hour, "overrides", areOverrides: true), error => error.Field == "overrides.silenceAlarmMinutes");
        Assert.Empty(SettingsRules.Check(Hour));
    }

    private DateTimeOffset? Due() => Due(_recorder);

    private static DateTimeOffset? Due(RecorderRun recorder) => Recorder.Pending(recorder.State).Timers.SingleOrDefault(timer => timer.Key == "silence")?.Due;

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
