using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>Signing secrets, and repeats of what was signed.</summary>
public sealed class SigningTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly Settings Required = new(Signing: new SigningSettings(true));
    private static readonly SealedSecret First = new("one", "sealed one");
    private static readonly SealedSecret Second = new("two", "sealed two");

    private readonly RecorderRun _recorder = new();

    [Fact]
    public void A_replaced_secret_counts_for_its_grace_and_a_timer_ends_it_once()
    {
        _recorder.Ask(new ReplaceSigningSecret(First, Hour));
        Assert.Equal(new SigningSecrets(First, null, null), _recorder.State.Signing); // Nothing was replaced.
        _recorder.Ask(new ReplaceSigningSecret(Second, Hour));
        var until = _recorder.Now + Hour;
        Assert.Equal(new SigningSecrets(Second, First, until), _recorder.State.Signing);
        Assert.Empty(_recorder.Ask(new ReplaceSigningSecret(Second, Hour)).Events);
        Assert.Equal(new EntityTimer("secret", until), Assert.Single(Recorder.Pending(_recorder.State).Timers));
        Assert.Empty(_recorder.Ask(new Activated()).Events);
        _recorder.Now = until;
        Assert.Equal(new PreviousSecretEnded("one"), _recorder.Ask(new TimerFired("secret")).Events.Single());
        Assert.Empty(_recorder.Ask(new TimerFired("secret")).Events);
        Assert.Equal(new SigningSecrets(Second, null, null), _recorder.State.Signing);
    }

    [Fact]
    public void Without_grace_or_by_command_the_replaced_secret_ends_at_once()
    {
        _recorder.Ask(new ReplaceSigningSecret(First, Hour));
        _recorder.Ask(new ReplaceSigningSecret(Second, TimeSpan.Zero));
        Assert.Equal(new SigningSecrets(Second, null, null), _recorder.State.Signing);
        Assert.Empty(_recorder.Ask(new EndPreviousSecret()).Events);
        _recorder.Ask(new ReplaceSigningSecret(First, Hour));
        Assert.Equal(new PreviousSecretEnded("two"), _recorder.Ask(new EndPreviousSecret()).Events.Single());
        Assert.Equal(new SigningSecrets(First, null, null), _recorder.State.Signing);
    }

    [Fact]
    public void Settings_cannot_require_what_no_secret_could_give_and_a_required_secret_stays()
    {
        Assert.Equal("NoSigningSecret", Refusal(new ChangeRecorder("A", null, Required)));
        _recorder.Ask(new ReplaceSigningSecret(First, Hour));
        Assert.IsType<RecorderChanged>(_recorder.Ask(new ChangeRecorder("A", null, Required)).Reply);
        Assert.Equal("SignatureRequired", Refusal(new RemoveSigningSecret()));
        _recorder.Ask(new ChangeRecorder("A", null, Settings.None));
        Assert.Equal(new SigningSecretRemoved("one"), _recorder.Ask(new RemoveSigningSecret()).Events.Single());
        Assert.Null(_recorder.State.Signing);
        Assert.Empty(_recorder.Ask(new RemoveSigningSecret()).Events);
    }

    [Fact]
    public void The_same_signed_bytes_are_a_repeat_until_the_signature_is_too_old()
    {
        var signedAt = _recorder.Now;
        Assert.Equal(SignalState.Accepted, Send("close first", signedAt, "position 1"));
        _recorder.Now = signedAt.AddMinutes(2); // The body alone has counted for 25 s.
        Assert.Equal(SignalState.Accepted, Send("same bytes", signedAt.AddMinutes(2), "position 2"));
        Assert.Equal(SignalState.Duplicate, Send("same bytes", signedAt.AddMinutes(2), "position 2"));
        _recorder.Now = signedAt.AddMinutes(7);
        Assert.Equal(SignalState.Duplicate, Send("same bytes", signedAt.AddMinutes(2), "position 2"));
        Assert.Equal(SignalState.Rejected, Send("same bytes", signedAt.AddMinutes(7), "position 2")); // Signed anew: judged, and there already.
    }

    [Fact]
    public void A_repeat_that_was_refused_as_such_cannot_be_replayed_later_either()
    {
        var at = _recorder.Now;
        Assert.Equal(SignalState.Accepted, Send("bytes", at, "position 1"));
        Assert.Equal(SignalState.Duplicate, Send("bytes", at.AddSeconds(5), "position 1"));
        _recorder.Signal("close");
        _recorder.Now = at.AddMinutes(1);
        Assert.Equal(SignalState.Duplicate, Send("bytes", at.AddSeconds(5), "position 1"));
        Assert.Equal(0m, _recorder.Held());
    }

    [Fact]
    public void A_key_of_the_source_needs_no_other()
    {
        var delivery = _recorder.Delivery(Given.Parsed("buy") with { Id = "m-1" }) with { SignedAt = _recorder.Now };
        Assert.Equal("id:m-1", Recorder.KeysOf(delivery).Single());
        _recorder.Receive(delivery);
        Assert.Null(_recorder.LastAccepted.Replay);
    }

    [Fact]
    public void Accounts_are_told_nothing_of_the_way_to_the_recorder()
    {
        _recorder.Subscribed("s1").Ask(new ReplaceSigningSecret(First, Hour));
        _recorder.Ask(new ChangeRecorder("A", "ESU2026", Required with { Inverse = true, AllowedAddresses = ["10.0.0.1"] }));
        _recorder.Signal("buy");
        Assert.Equal(new Settings(Inverse: true), ((RecorderSignal)_recorder.FanOuts.Single().Message).Settings);
    }

    private string Refusal(object message) => Assert.IsType<RecorderRefused>(_recorder.Ask(message).Reply).Code;

    private SignalState Send(string bytes, DateTimeOffset signedAt, string text) =>
        _recorder.Receive(_recorder.Delivery(Given.Parsed(text), bodyHash: bytes) with { SignedAt = signedAt }).State;
}
