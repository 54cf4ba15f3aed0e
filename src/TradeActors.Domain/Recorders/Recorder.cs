using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;

namespace TradeActors.Domain.Recorders;

/// <summary>
/// The rules of a recorder: every delivery is judged once and stored with its verdicts; accepted ones are numbered without gaps and fanned out to
/// the subscriptions that take part. Read <see cref="Decide"/>, then SignalRules (filters) and SignalMeaning (what an action means).
/// </summary>
public static class Recorder
{
    /// <summary>The source of a signal that nobody sent: the end of a window closes what is held. Stored, so never changed.</summary>
    public const string WindowSource = "window";

    /// <param name="storedKey">The stored row of the signal's key, for a key that has left the state.</param>
    public static Reaction Decide(RecorderState state, object message, in RecorderContext context, SignalKey? storedKey)
    {
        var now = context.Now;
        var self = context.Self;
        if (message is CreateRecorder create)
        {
            return state.Created is null
                ? Emit(new RecorderCreated(create.Name, create.Symbol, create.Settings, create.WebhookTokenHash, now), new RecorderChanged(1))
                : Reaction.Answer(new RecorderChanged(state.SettingsVersion));
        }

        if (state.Created is null)
        {
            return message is Activated or TimerFired
                ? Reaction.Nothing
                : Reaction.Answer(new RecorderRefused("RecorderGone", "There is no such recorder."));
        }

        return message switch
        {
            ReceiveSignal signal => SignalRules.Judge(state, signal, storedKey, context),
            TestSignal test => Reaction.Answer(SignalTest.Judge(state, test.Signal, context)),
            ChangeRecorder { Settings.Signing.Required: true } when state.Signing is null => Reaction.Answer(new RecorderRefused(
                RecorderRefused.NoSigningSecret,
                "settings.signing.required: the recorder has no signing secret. Make one with POST /api/v1/recorders/{id}/signing-secret first.")),
            ChangeRecorder change => Emit(
                new RecorderEdited(change.Name, change.Symbol, change.Settings, now), new RecorderChanged(state.SettingsVersion + 1)),
            PauseRecorder pause => pause.IsPaused == state.IsPaused
                ? Reaction.Answer(new RecorderChanged(state.SettingsVersion))
                : Emit(new RecorderPaused(pause.IsPaused), new RecorderChanged(state.SettingsVersion)),
            ReplaceWebhookToken replace => replace.TokenHash == state.WebhookTokenHash
                ? Reaction.Answer(new RecorderChanged(state.SettingsVersion))
                : Emit(
                    new WebhookTokenReplaced(replace.TokenHash, state.WebhookTokenHash, replace.Grace > TimeSpan.Zero ? now + replace.Grace : null),
                    new RecorderChanged(state.SettingsVersion)),
            EndPreviousToken => state.PreviousToken is { } previous
                ? Emit(new WebhookTokenEnded(previous.Hash), new RecorderChanged(state.SettingsVersion))
                : Reaction.Answer(new RecorderChanged(state.SettingsVersion)),
            ReplaceSigningSecret or EndPreviousSecret or RemoveSigningSecret => DecideSigning(state, message, now),
            PutSubscription put => Put(state, put, self, now),
            RemoveSubscription remove => Remove(state, remove, self),
            FanOutDelivered delivered => state.FanOuts.ContainsKey(delivered.Number)
                ? Emit(new FanOutCompleted(delivered.Number, now), null)
                : Reaction.Nothing,
            GetOpenFanOut get => Reaction.Answer(new OpenFanOutView(
                state.FanOuts.Values.FirstOrDefault(fanOut => fanOut.Signal.SignalId == get.SignalId)?.Members ?? [])),
            Activated or TimerFired => TakeTime(state, context),
            _ => throw new UnreachableException($"No rule for {message.GetType().Name}."),
        };
    }

    // A group's fan-out has thousands of members and stands through many events: it is turned into what is sent once.
    private static readonly ConditionalWeakTable<OpenFanOut, FanOut> Sent = [];

    private static FanOut ToSend(OpenFanOut fanOut) => new(
        fanOut.Number, fanOut.Signal,
        [.. fanOut.Members.Select(member => new FanOutMember(member.Account, member.Terms.SubscriptionId, member.Previous, member.Terms))]);

    /// <summary>Fan-outs that not every account is known to have stored, and everything that happens because time has passed.</summary>
    public static Pending Pending(RecorderState state)
    {
        ImmutableArray<EntityTimer> timers =
        [
            .. state.HeldDetails.Where(held => held.Value.FlattenAt is not null)
                .Select(held => new EntityTimer($"window:{held.Key}", held.Value.FlattenAt!.Value)),
            .. state.PreviousToken is { } token ? [new EntityTimer("token", token.Until)] : ImmutableArray<EntityTimer>.Empty,
            .. state.Signing?.PreviousUntil is { } until ? [new EntityTimer("secret", until)] : ImmutableArray<EntityTimer>.Empty,
            .. SilenceRules.DueAt(state) is { } due ? [new EntityTimer("silence", due)] : ImmutableArray<EntityTimer>.Empty,
        ];
        return state.FanOuts.IsEmpty && timers.IsEmpty
            ? Common.Pending.None
            : new Pending(
                [],
                timers,
                [.. state.FanOuts.Values.Select(fanOut => Sent.GetValue(fanOut, ToSend))],
                []);
    }

    private static Reaction DecideSigning(RecorderState state, object message, DateTimeOffset now)
    {
        var done = new RecorderChanged(state.SettingsVersion);
        return (message, state.Signing) switch
        {
            (ReplaceSigningSecret replace, var known) when replace.Secret.Id != known?.Current.Id => Emit(
                new SigningSecretReplaced(replace.Secret, known is not null && replace.Grace > TimeSpan.Zero ? now + replace.Grace : null), done),
            (EndPreviousSecret, { Previous: { } previous }) => Emit(new PreviousSecretEnded(previous.Id), done),
            (RemoveSigningSecret, { Current: var current }) => state.Settings.Signing?.Required == true
                ? Reaction.Answer(new RecorderRefused(
                    RecorderRefused.SignatureRequired, "The settings require a signature. Set settings.signing.required to false first."))
                : Emit(new SigningSecretRemoved(current.Id), done),
            _ => Reaction.Answer(done),
        };
    }

    private static Reaction TakeTime(RecorderState state, in RecorderContext context)
    {
        var events = ImmutableArray.CreateBuilder<object>();
        EndWindows(state, events, context);
        if (state.PreviousToken is { } previous && previous.Until <= context.Now)
        {
            events.Add(new WebhookTokenEnded(previous.Hash));
        }

        if (state.Signing is { Previous: { } secret } && state.Signing.PreviousUntil <= context.Now)
        {
            events.Add(new PreviousSecretEnded(secret.Id));
        }

        if (SilenceRules.DueAt(state) <= context.Now)
        {
            var raised = new SilenceRaised(state.QuietSince!.Value);
            events.Add(raised);
            return new Reaction(events.ToImmutable(), [], null) { Warnings = [SilenceRules.Told(state, raised)] };
        }

        return new Reaction(events.ToImmutable(), [], null);
    }

    /// <summary>
    /// What the end of a window closes is fanned out like a close that was received: no account is left with a share whose recorder has gone flat. Each
    /// account has a timer of its own besides, for windows of its own.
    /// </summary>
    private static void EndWindows(RecorderState state, ImmutableArray<object>.Builder events, in RecorderContext context)
    {
        foreach (var (symbol, detail) in state.HeldDetails)
        {
            if (detail.FlattenAt <= context.Now)
            {
                var closed = SignalRules.CloseAtWindowEnd(state, symbol, context);
                events.Add(closed);
                state = Apply(state, closed);
            }
        }
    }

    /// <summary>What recognises a repeat of this signal. The first that is known says which signal it repeats.</summary>
    public static ImmutableArray<string> KeysOf(ReceiveSignal signal) =>
        SignalRules.ReplayKeyOf(signal) is { } replay ? [replay.Key, SignalRules.KeyOf(signal)] : [SignalRules.KeyOf(signal)];

    /// <inheritdoc cref="SignalRules.SignatureTolerance"/>
    public static TimeSpan SignatureTolerance => SignalRules.SignatureTolerance;

    private static Reaction Put(RecorderState state, PutSubscription put, EntityId self, DateTimeOffset now)
    {
        var known = state.Subscriptions.GetValueOrDefault(put.SubscriptionId);
        if (known is { IsRemoved: true })
        {
            return Reaction.Answer(new RecorderRefused("SubscriptionGone", "This subscription has been removed."));
        }

        if (known is not null && known.Multiplier == put.Multiplier && known.IsEnabled == put.IsEnabled && known.Overrides == put.Overrides)
        {
            return Reaction.Answer(new SubscriptionStored(known.Id, known.Version, known.IsEnabled));
        }

        if (known is null && put.OnlyOne && state.Subscriptions.Values.Any(other => !other.IsRemoved && other.Account == put.Account))
        {
            return Reaction.Answer(new RecorderRefused("AlreadySubscribed", "The account has another subscription to this recorder."));
        }

        var version = (known?.Version ?? 0) + 1;
        var from = put.IsEnabled ? state.LastFanOut + 1 : (long?)null;
        return Emit(
            new SubscriptionPut(put.SubscriptionId, known?.Account ?? put.Account, put.Multiplier, put.IsEnabled, put.Overrides, version, from, now),
            new SubscriptionStored(put.SubscriptionId, version, put.IsEnabled)) with
        {
            Sends = [new Outgoing(known?.Account ?? put.Account, new SetSubscription(put.SubscriptionId, self.Key, version, put.IsEnabled))],
        };
    }

    private static Reaction Remove(RecorderState state, RemoveSubscription remove, EntityId self)
    {
        if (!state.Subscriptions.TryGetValue(remove.SubscriptionId, out var known))
        {
            return Reaction.Answer(new RecorderRefused("SubscriptionGone", "There is no such subscription."));
        }

        return known.IsRemoved
            ? Reaction.Answer(new SubscriptionStored(known.Id, known.Version, false))
            : Emit(new SubscriptionRemoved(known.Id, known.Version + 1), new SubscriptionStored(known.Id, known.Version + 1, false)) with
            {
                Sends = [new Outgoing(known.Account, new SetSubscription(known.Id, self.Key, known.Version + 1, false))],
            };
    }

    /// <summary>Folds one stored event into the state.</summary>
    public static RecorderState Apply(RecorderState state, RecorderEvent @event)
    {
        state = state with { LiveSeq = state.LiveSeq + 1 };
        return @event switch
        {
            RecorderCreated e => state with
            {
                Created = e,
                Name = e.Name,
                Symbol = e.Symbol,
                Settings = e.Settings,
                SettingsVersion = 1,
                WebhookTokenHash = e.WebhookTokenHash,
                WatchedFrom = e.Settings.SilenceAlarmMinutes > 0 ? e.At : null,
            },
            RecorderEdited e => Edit(state, e),
            RecorderPaused e => state with { IsPaused = e.IsPaused },
            WebhookTokenReplaced e => state with
            {
                WebhookTokenHash = e.TokenHash,
                PreviousToken = e.ReplacedUntil is { } until ? new ReplacedToken(e.ReplacedHash, until) : null,
            },
            WebhookTokenEnded => state with { PreviousToken = null },
            SigningSecretReplaced e => state with
            {
                Signing = new SigningSecrets(e.Secret, e.ReplacedUntil is null ? null : state.Signing?.Current, e.ReplacedUntil),
            },
            PreviousSecretEnded => state with { Signing = state.Signing! with { Previous = null, PreviousUntil = null } },
            SigningSecretRemoved => state with { Signing = null },
            SubscriptionPut e => state with { Subscriptions = state.Subscriptions.SetItem(e.SubscriptionId, Fold(state, e)) },
            SubscriptionRemoved e => state with
            {
                Subscriptions = state.Subscriptions.SetItem(
                    e.SubscriptionId, Close(state.Subscriptions[e.SubscriptionId], state.LastFanOut) with { IsEnabled = false, IsRemoved = true, Version = e.Version }),
            },
            SignalAccepted e => Accept(state, e),
            SignalRefused e => Remember(
                state with
                {
                    LastSignal = e.Number,
                    LastReceivedAt = e.ReceivedAt,
                    SilentSince = null,
                    Tally = e.OfferedOn is { } date ? state.Tally.WithOffer(date) : state.Tally,
                },
                e.Key, e.KeyUntil, e.Replay, e.SignalId, e.Number, e.State, e.Reason, e.ReceivedAt),
            SilenceRaised e => state with { SilentSince = e.Since },
            FanOutCompleted e => state with { FanOuts = state.FanOuts.Remove(e.FanOut) },
            _ => throw new UnreachableException($"No fold for {@event.GetType().Name}."),
        };
    }

    private static RecorderState Edit(RecorderState state, RecorderEdited e)
    {
        var isSameAlarm = e.Settings.SilenceAlarmMinutes == state.Settings.SilenceAlarmMinutes;
        return state with
        {
            Name = e.Name,
            Symbol = e.Symbol,
            Settings = e.Settings,
            SettingsVersion = state.SettingsVersion + 1,
            WatchedFrom = isSameAlarm ? state.WatchedFrom : e.Settings.SilenceAlarmMinutes > 0 ? e.At : null,
            SilentSince = isSameAlarm ? state.SilentSince : null,
        };
    }

    private static Subscription Fold(RecorderState state, SubscriptionPut e)
    {
        var known = state.Subscriptions.GetValueOrDefault(e.SubscriptionId);
        var spans = known?.Spans ?? [];
        var isOpen = spans is [.., { Until: null }];
        if (e.IsEnabled && !isOpen)
        {
            spans = spans.Add(new FanOutSpan(e.From!.Value, null));
        }

        var subscription = new Subscription(
            e.SubscriptionId, e.Account, e.Multiplier, e.IsEnabled, e.Overrides, e.Version, false, spans, known?.CreatedAt ?? e.At);
        return e.IsEnabled ? subscription : Close(subscription, state.LastFanOut);
    }

    private static Subscription Close(Subscription subscription, long lastFanOut) => subscription.Spans is [.. var earlier, { Until: null } open]
        ? subscription with { Spans = [.. earlier, open with { Until = lastFanOut + 1 }] }
        : subscription;

    private static RecorderState Accept(RecorderState state, SignalAccepted e)
    {
        var (held, details, recording) = (state.Held, state.HeldDetails, e.Recording ?? Recording.None);
        foreach (var (symbol, quantity) in e.Held)
        {
            var flattenAt = recording.IsEntry && symbol == e.Plan.Symbol ? recording.FlattenAt : details.GetValueOrDefault(symbol)?.FlattenAt;
            held = quantity == 0m ? held.Remove(symbol) : held.SetItem(symbol, quantity);
            details = quantity == 0m ? details.Remove(symbol)
                : details.SetItem(symbol, new HeldDetail(recording.Prices.GetValueOrDefault(symbol), flattenAt));
        }

        var tally = state.Tally.WithRealized(recording.TradingDate, recording.Realized);
        tally = recording.IsEntry ? tally.WithEntry(recording.TradingDate, e.ReceivedAt)
            : recording.IsOffered ? tally.WithOffer(recording.TradingDate) : tally;
        var members = Members(state, e.FanOut);
        var signal = SignalOf(state, e);
        state = state with
        {
            LastSignal = e.Number,
            LastFanOut = e.FanOut,
            LastReceivedAt = e.Source == WindowSource ? state.LastReceivedAt : e.ReceivedAt,
            SilentSince = e.Source == WindowSource ? state.SilentSince : null,
            Held = held,
            HeldDetails = details,
            Tally = tally,
            FanOuts = members.IsEmpty ? state.FanOuts : state.FanOuts.Add(e.FanOut, new OpenFanOut(e.FanOut, signal, members)),
        };
        return Remember(state, e.Key, e.KeyUntil, e.Replay, e.SignalId, e.Number, SignalState.Accepted, null, e.ReceivedAt);
    }

    /// <summary>What every member of the fan-out is sent.</summary>
    internal static RecorderSignal SignalOf(RecorderState state, SignalAccepted e) =>
        new(e.SignalId, SignalRules.Earlier(e.ReceivedAt, e.Parsed.SentAt), e.Plan, state.Settings.ForAccounts(), e.ReceivedAt);

    internal static ImmutableArray<FanOutMemberTerms> Members(RecorderState state, long fanOut) =>
    [
        .. state.Subscriptions.Values
            .Where(subscription => subscription.TakesPartIn(fanOut))
            .Select(subscription => new FanOutMemberTerms(
                subscription.Account, subscription.Before(fanOut), new SubscriptionTerms(subscription.Id, subscription.Multiplier, subscription.Overrides))),
    ];

    private static RecorderState Remember(
        RecorderState state, string? key, DateTimeOffset? until, ReplayKey? replay, string signalId, long number, SignalState judged, string? reason,
        DateTimeOffset receivedAt)
    {
        // Longer than they count against others: the door may still be asking again for the very delivery that brought the key.
        var keys = state.Keys.RemoveRange(
            state.Keys.Where(known => known.Value.Until + SignalRules.DeliveryKept < receivedAt).Select(known => known.Key));
        if (key is not null)
        {
            // A later signal of the same key takes it over; the earlier delivery is still known by its own id.
            keys = keys.TryGetValue(key, out var earlier) && earlier.SignalId != signalId
                ? keys.SetItem(SignalRules.DeliveryKey(earlier.SignalId), earlier)
                : keys;
            keys = keys.SetItem(key, new SignalKey(signalId, number, until!.Value, judged, reason));
        }

        if (replay is not null && !keys.ContainsKey(replay.Key))
        {
            keys = keys.SetItem(replay.Key, new SignalKey(signalId, number, replay.Until, judged, reason));
        }

        while (keys.Count > RecorderState.KeysKept)
        {
            keys = keys.Remove(keys.MinBy(known => known.Value.Number).Key);
            state = state with { HasForgottenKeys = true };
        }

        return state with { Keys = keys };
    }

    private static Reaction Emit(RecorderEvent @event, object? reply) => new([@event], [], reply);
}

/// <summary>What a recorder's decision may know besides state and message.</summary>
/// <param name="Now">The node's clock, UTC.</param>
/// <param name="Quotes">For the value of what is held, and for the side of stops.</param>
public readonly record struct RecorderContext(EntityId Self, DateTimeOffset Now, ILastQuotes Quotes);
