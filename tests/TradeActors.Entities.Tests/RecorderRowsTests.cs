using System.Text;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Entities.Recorders;
using Xunit;

namespace TradeActors.Entities.Tests;

/// <summary>What the front door finds of a recorder by a token, and what screens are told.</summary>
public sealed class RecorderRowsTests : IRowSink
{
    private static readonly EntityId Self = new("acme", EntityKind.Recorder, "rec1");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly RecorderBehavior _behavior = new(NoQuotes.Instance);
    private readonly Dictionary<RowKey, byte[]> _rows = [];
    private RecorderState _state = RecorderState.Empty;
    private DateTimeOffset _now = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);
    private long _seq;

    public RecorderRowsTests() => Tell(new CreateRecorder("Opening range", "ES", Settings.None, "first"));

    [Fact]
    public void There_is_a_row_for_every_token_that_counts_and_for_no_other()
    {
        Assert.Equal(["first"], Tokens());
        Tell(new ReplaceWebhookToken("second", Hour));
        Assert.Equal(["first", "second"], Tokens());
        Tell(new ReplaceWebhookToken("third", Hour));
        Assert.Equal(["second", "third"], Tokens());
        _now += Hour;
        Tell(new TimerFired("token"));
        Assert.Equal(["third"], Tokens());
        Tell(new ReplaceWebhookToken("fourth"));
        Assert.Equal(["fourth"], Tokens());
    }

    [Fact]
    public void Every_tokens_row_knows_what_the_door_must_check()
    {
        Assert.Equal(new WebhookTokenRow("acme", "rec1"), Token("first"));
        Tell(new ReplaceWebhookToken("second", Hour));
        Tell(new ReplaceSigningSecret(new SealedSecret("one", "sealed one"), Hour));
        Tell(new ReplaceSigningSecret(new SealedSecret("two", "sealed two"), Hour));
        Tell(new ChangeRecorder("Signed", null, new Settings(Signing: new SigningSettings(true), AllowedAddresses: ["tradingview"])));
        foreach (var token in (string[])["first", "second"])
        {
            Assert.True(Token(token).RequiresSignature);
            Assert.Equal("tradingview", Token(token).AllowedAddresses!.Value.Single());
            Assert.Equal(
                [new SigningSecretDoc("two", "sealed two", null), new SigningSecretDoc("one", "sealed one", _now + Hour)], Token(token).Secrets!.Value.ToArray());
        }

        Tell(new EndPreviousSecret());
        Assert.Equal([new SigningSecretDoc("two", "sealed two", null)], Token("first").Secrets!.Value.ToArray());
        Tell(new ChangeRecorder("Open", null, new Settings(AllowedAddresses: [])));
        Tell(new RemoveSigningSecret());
        Assert.Equal(new WebhookTokenRow("acme", "rec1"), Token("second"));
    }

    [Fact]
    public void Screens_are_not_shown_what_is_sealed()
    {
        Tell(new ReplaceSigningSecret(new SealedSecret("one", "sealed one"), Hour));
        var shown = _rows.Where(row => row.Key.Table is ReadTable.LiveEvents or ReadTable.Recorders).Select(row => Encoding.UTF8.GetString(row.Value)).ToArray();
        Assert.Contains(shown, text => text.Contains("signingSecretReplaced", StringComparison.Ordinal));
        Assert.All(shown, text => Assert.DoesNotContain("sealed one", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Silence_stands_in_the_recorders_row_and_on_its_topic_until_a_signal_comes()
    {
        Tell(new ChangeRecorder("Watched", null, new Settings(SilenceAlarmMinutes: 60)));
        var set = _now;
        _now += Hour;
        Tell(new TimerFired("silence"));
        Assert.Equal((set, null), (Row().SilentSince, Row().LastReceivedAt));
        Assert.Equal("silenceRaised", RowJson.Deserialize<LiveRow>(_rows.Last(row => row.Key.Table == ReadTable.LiveEvents).Value).Type);
        Tell(Delivery("sig", "body"));
        Assert.Equal((null, _now), (Row().SilentSince, Row().LastReceivedAt));
    }

    [Fact]
    public void A_signed_delivery_that_has_left_the_state_is_still_known_as_a_repeat()
    {
        var signed = Delivery("sig", "same bytes") with { SignedAt = _now };
        Tell(signed);
        for (var i = 0; i < RecorderState.KeysKept; i++)
        {
            Tell(Delivery($"sig-{i}", $"body {i}"));
        }

        Assert.True(_state.HasForgottenKeys);
        _now += TimeSpan.FromMinutes(1);
        var again = signed with { SignalId = "again", ReceivedAt = _now };
        var row = _behavior.Lookup(Self, _state, again).Select(key => _rows.TryGetValue(key, out var doc) ? new Row(key, 0, "", doc) : null).First(found => found is not null);
        var reply = (SignalJudged)_behavior.Decide(_state, again, new EntityContext(Self, _now, LookedUp: row)).Reply!;
        Assert.Equal(SignalState.Duplicate, reply.State);
        Assert.Null(_behavior.Lookup(Self, _state, again with { SignedAt = _now }).Select(key => _rows.GetValueOrDefault(key)).First());
    }

    void IRowSink.Put(RowKey key, long sort, string state, object doc) => _rows[key] = RowJson.Serialize(doc);

    void IRowSink.Drop(RowKey key) => _rows.Remove(key);

    private ReceiveSignal Delivery(string id, string body) =>
        new(id, _now, "webhook", new ParsedSignal { Source = SignalSource.Json, Action = SignalAction.Close }, null, body, body);

    private IEnumerable<string> Tokens() =>
        _rows.Keys.Where(key => key.Table == ReadTable.WebhookTokens).Select(key => key.Id).Order(StringComparer.Ordinal);

    private RecorderRow Row() => RowJson.Deserialize<RecorderRow>(_rows[new RowKey(ReadTable.Recorders, "acme", "", "rec1")]);

    private WebhookTokenRow Token(string hash) => RowJson.Deserialize<WebhookTokenRow>(_rows[new RowKey(ReadTable.WebhookTokens, "", "", hash)]);

    private void Tell(object message)
    {
        foreach (var @event in _behavior.Decide(_state, message, new EntityContext(Self, _now)).Events)
        {
            var after = (RecorderState)_behavior.Apply(_state, @event);
            _behavior.Project(Self, _state, new StampedEvent(++_seq, _now, @event), after, this);
            _state = after;
        }
    }
}
