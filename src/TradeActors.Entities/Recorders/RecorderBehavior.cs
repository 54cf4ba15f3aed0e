using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Recorders;

namespace TradeActors.Entities.Recorders;

/// <summary>Binds <see cref="Recorder"/> to the entity port.</summary>
public sealed class RecorderBehavior(ILastQuotes quotes) : IEntityBehavior
{
    public string Kind => EntityKind.Recorder;

    public int SnapshotSchema => 3;

    public bool TakesInbox => true;

    public object Empty => RecorderState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context)
    {
        var stored = context.LookedUp is { } row ? KeyIn(row) : null;
        return Recorder.Decide((RecorderState)state, message, new RecorderContext(context.Self, context.Now, quotes), stored);
    }

    public object Apply(object state, object @event) => Recorder.Apply((RecorderState)state, (RecorderEvent)@event);

    public Pending Pending(EntityId self, object state) => Recorder.Pending((RecorderState)state);

    /// <summary>A delivery or key that has left the state is looked up before it counts as new (PROTOCOL 7).</summary>
    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message)
    {
        if (message is not ReceiveSignal signal || (RecorderState)state is not { HasForgottenKeys: true } known
            || known.Keys.Values.Any(key => key.SignalId == signal.SignalId))
        {
            return [];
        }

        var itself = new RowKey(ReadTable.Signals, self.Tenant, self.Key, signal.SignalId);
        return [itself, .. Recorder.KeysOf(signal).Where(key => !known.Keys.ContainsKey(key)).Select(key => KeyRow(self, key))];
    }

    /// <summary>The first judgement that a stored row tells of: of this very delivery, or of another with the same key.</summary>
    private static SignalKey KeyIn(Row row)
    {
        if (row.Key.Table == ReadTable.SignalKeys)
        {
            return RowJson.Deserialize<SignalKey>(row.Doc);
        }

        var signal = RowJson.Deserialize<SignalRow>(row.Doc);
        return new SignalKey(signal.Id, signal.Number, DateTimeOffset.MaxValue, SignalStates.Of(signal.State), signal.Reason);
    }

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        var state = (RecorderState)after;
        LiveRows.Put(self, state.LiveSeq, Shown(@event), rows);
        switch (@event.Event)
        {
            case SignalAccepted e:
                PutSignal(self, rows, RowOf(e, e.Accounts == 0 ? @event.At : null));
                PutKeys(self, rows, e.Key, e.Replay, state);
                break;
            case SignalRefused e:
                PutSignal(self, rows, RowOf(e));
                PutKeys(self, rows, e.Key, e.Replay, state);
                break;
            case FanOutCompleted e:
                Complete(self, (RecorderState)before, e, rows);
                return;
            case SubscriptionPut e:
                PutSubscription(self, rows, state.Subscriptions[e.SubscriptionId]);
                return;
            case SubscriptionRemoved e:
                rows.Drop(new RowKey(ReadTable.Subscriptions, self.Tenant, self.Key, e.SubscriptionId));
                return;
            case RecorderCreated or RecorderEdited or WebhookTokenReplaced or WebhookTokenEnded
                or SigningSecretReplaced or PreviousSecretEnded or SigningSecretRemoved:
                PutTokens(self, (RecorderState)before, state, rows);
                break;
        }

        PutRecorder(self, state, rows);
    }

    private static void PutRecorder(EntityId self, RecorderState state, IRowSink rows)
    {
        var createdAt = state.Created!.At;
        rows.Put(
            new RowKey(ReadTable.Recorders, self.Tenant, "", self.Key), createdAt.ToUnixTimeMilliseconds(), state.IsPaused ? "paused" : "active",
            new RecorderRow(
                self.Key, state.Name, state.Symbol, state.Settings, state.SettingsVersion, state.IsPaused ? "paused" : "active",
                [.. state.Held.Select(held => new HeldDoc(held.Key, held.Value))], state.LastSignal, state.LastReceivedAt, createdAt,
                state.PreviousToken?.Until, state.Signing?.Current.Id, state.Signing?.PreviousUntil, state.SilentSince));
    }

    /// <summary>The rows by which the front door finds the recorder, one for each token that counts, with all that it checks before it asks.</summary>
    private static void PutTokens(EntityId self, RecorderState before, RecorderState after, IRowSink rows)
    {
        var now = TokensOf(after);
        foreach (var ended in TokensOf(before).Except(now))
        {
            rows.Drop(TokenRow(ended));
        }

        var doc = new WebhookTokenRow(
            self.Tenant, self.Key, after.Settings.Signing?.Required == true, SecretsOf(after),
            after.Settings.AllowedAddresses is { IsDefaultOrEmpty: false } allowed ? allowed : null);
        foreach (var token in now)
        {
            rows.Put(TokenRow(token), 0, "", doc);
        }
    }

    private static ImmutableArray<SigningSecretDoc>? SecretsOf(RecorderState state) => state.Signing switch
    {
        null => null,
        { Previous: { } previous } both => [DocOf(both.Current, null), DocOf(previous, both.PreviousUntil)],
        var one => [DocOf(one.Current, null)],
    };

    private static SigningSecretDoc DocOf(SealedSecret secret, DateTimeOffset? until) => new(secret.Id, secret.Text, until);

    /// <summary>Sealed or not, a secret is nothing for a screen.</summary>
    private static StampedEvent Shown(StampedEvent stamped) => stamped.Event is SigningSecretReplaced replaced
        ? stamped with { Event = replaced with { Secret = replaced.Secret with { Text = "" } } }
        : stamped;

    private static string[] TokensOf(RecorderState state) =>
        state.Created is null ? [] : state.PreviousToken is { } previous ? [state.WebhookTokenHash, previous.Hash] : [state.WebhookTokenHash];

    private static void PutSubscription(EntityId self, IRowSink rows, Subscription subscription) => rows.Put(
        new RowKey(ReadTable.Subscriptions, self.Tenant, self.Key, subscription.Id),
        subscription.CreatedAt.ToUnixTimeMilliseconds(),
        subscription.IsEnabled ? "enabled" : "disabled",
        new SubscriptionRow(
            subscription.Id, self.Key, subscription.Account.Key, subscription.Multiplier, subscription.IsEnabled, subscription.Overrides,
            subscription.Version, subscription.CreatedAt));

    private static SignalRow RowOf(SignalAccepted e, DateTimeOffset? completedAt) => new(
        e.SignalId, e.Number, e.ReceivedAt, e.Source, e.Parsed, e.Plan, "accepted", null, null, e.FanOut, e.Accounts, completedAt, e.Verdicts);

    private static SignalRow RowOf(SignalRefused e) => new(
        e.SignalId, e.Number, e.ReceivedAt, e.Source, e.Parsed, null, SignalStates.Word(e.State), e.Reason, e.Detail, null, 0, null, e.Verdicts);

    private static void PutSignal(EntityId self, IRowSink rows, SignalRow row) =>
        rows.Put(new RowKey(ReadTable.Signals, self.Tenant, self.Key, row.Id), TimedSort.Of(row.ReceivedAt, row.Number), row.State, row);

    private static void PutKeys(EntityId self, IRowSink rows, string? key, ReplayKey? replay, RecorderState state)
    {
        foreach (var put in (ReadOnlySpan<string?>)[key, replay?.Key])
        {
            if (put is not null)
            {
                rows.Put(KeyRow(self, put), state.Keys[put].Until.ToUnixTimeMilliseconds(), "", state.Keys[put]);
            }
        }
    }

    /// <summary>Marks the signal's row as stored by every account.</summary>
    private static void Complete(EntityId self, RecorderState before, FanOutCompleted e, IRowSink rows)
    {
        if (before.FanOuts.TryGetValue(e.FanOut, out var fanOut))
        {
            rows.Put(
                new RowKey(ReadTable.FanOuts, self.Tenant, self.Key, fanOut.Signal.SignalId), e.FanOut, "completed",
                new FanOutRow(e.FanOut, fanOut.Members.Length, e.At));
        }
    }

    private static RowKey KeyRow(EntityId self, string key) => new(ReadTable.SignalKeys, self.Tenant, self.Key, key);

    private static RowKey TokenRow(string hash) => new(ReadTable.WebhookTokens, "", "", hash);
}

/// <summary>Signal states as the API spells them.</summary>
public static class SignalStates
{
    public static SignalState Of(string word) => Enum.Parse<SignalState>(word, ignoreCase: true);

    public static string Word(SignalState state) => state switch
    {
        SignalState.Accepted => "accepted",
        SignalState.Rejected => "rejected",
        SignalState.Duplicate => "duplicate",
        SignalState.Expired => "expired",
        _ => "invalid",
    };
}
