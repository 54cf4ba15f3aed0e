using System.Text.Json.Serialization;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Recorders;

namespace TradeActors.Entities;

/// <summary>The JSON of recorders, accounts, connections and operations, as it is stored and sent between nodes: camelCase, enumerations as words, absent values left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(CamelCaseEnumConverter), typeof(EntityIdConverter)])]
[JsonSerializable(typeof(RecorderState))]
[JsonSerializable(typeof(RecorderCreated))]
[JsonSerializable(typeof(RecorderEdited))]
[JsonSerializable(typeof(RecorderPaused))]
[JsonSerializable(typeof(WebhookTokenReplaced))]
[JsonSerializable(typeof(WebhookTokenEnded))]
[JsonSerializable(typeof(SigningSecretReplaced))]
[JsonSerializable(typeof(PreviousSecretEnded))]
[JsonSerializable(typeof(SigningSecretRemoved))]
[JsonSerializable(typeof(SubscriptionPut))]
[JsonSerializable(typeof(SubscriptionRemoved))]
[JsonSerializable(typeof(SignalAccepted))]
[JsonSerializable(typeof(SignalRefused))]
[JsonSerializable(typeof(SilenceRaised))]
[JsonSerializable(typeof(FanOutCompleted))]
[JsonSerializable(typeof(RecorderSignal))]
[JsonSerializable(typeof(SubscriptionTerms))]
[JsonSerializable(typeof(SetSubscription))]
[JsonSerializable(typeof(ReceiveSignal))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(AccountOpened))]
[JsonSerializable(typeof(LimitsChanged))]
[JsonSerializable(typeof(AccountHalted))]
[JsonSerializable(typeof(AccountResumed))]
[JsonSerializable(typeof(SubscriptionSet))]
[JsonSerializable(typeof(SignalTaken))]
[JsonSerializable(typeof(SignalSettled))]
[JsonSerializable(typeof(CloseAsked))]
[JsonSerializable(typeof(SharesNetted))]
[JsonSerializable(typeof(ProtectionSet))]
[JsonSerializable(typeof(ProtectionDelayed))]
[JsonSerializable(typeof(CloseReached))]
[JsonSerializable(typeof(CloseDelayed))]
[JsonSerializable(typeof(EntryQueued))]
[JsonSerializable(typeof(EntryDropped))]
[JsonSerializable(typeof(OrderPlanned))]
[JsonSerializable(typeof(CancelAsked))]
[JsonSerializable(typeof(OrderChanged))]
[JsonSerializable(typeof(TradeBooked))]
[JsonSerializable(typeof(HaltConfirmed))]
[JsonSerializable(typeof(OperationTaken))]
[JsonSerializable(typeof(OperationSettled))]
[JsonSerializable(typeof(PlaceManualOrder))]
[JsonSerializable(typeof(ConnectionState))]
[JsonSerializable(typeof(ConnectionOpened))]
[JsonSerializable(typeof(IntentStored))]
[JsonSerializable(typeof(IntentRenewed))]
[JsonSerializable(typeof(OrderAcknowledged))]
[JsonSerializable(typeof(OutcomeUnknown))]
[JsonSerializable(typeof(FindRepeated))]
[JsonSerializable(typeof(OrderEnded))]
[JsonSerializable(typeof(IntentAbandoned))]
[JsonSerializable(typeof(SettleRequested))]
[JsonSerializable(typeof(CancelRequested))]
[JsonSerializable(typeof(CancelTaken))]
[JsonSerializable(typeof(ReportBooked))]
[JsonSerializable(typeof(ReportPassed))]
[JsonSerializable(typeof(OrderRevived))]
[JsonSerializable(typeof(DriftSeen))]
[JsonSerializable(typeof(DriftConfirmed))]
[JsonSerializable(typeof(LinkAccount))]
[JsonSerializable(typeof(PlaceOrder))]
[JsonSerializable(typeof(RequestCancel))]
[JsonSerializable(typeof(OrderUpdate))]
[JsonSerializable(typeof(ReportReceived))]
[JsonSerializable(typeof(EntriesHalted))]
[JsonSerializable(typeof(WithdrawEntries))]
[JsonSerializable(typeof(EntriesWithdrawn))]
[JsonSerializable(typeof(OperationState))]
[JsonSerializable(typeof(OperationStarted))]
[JsonSerializable(typeof(OperationDelivered))]
[JsonSerializable(typeof(AccountFinished))]
[JsonSerializable(typeof(OperationCompleted))]
[JsonSerializable(typeof(OperationOrder))]
[JsonSerializable(typeof(OperationResult))]
[JsonSerializable(typeof(FanOutPart))]
[JsonSerializable(typeof(CreateRecorder))]
[JsonSerializable(typeof(ChangeRecorder))]
[JsonSerializable(typeof(PauseRecorder))]
[JsonSerializable(typeof(ReplaceWebhookToken))]
[JsonSerializable(typeof(EndPreviousToken))]
[JsonSerializable(typeof(ReplaceSigningSecret))]
[JsonSerializable(typeof(EndPreviousSecret))]
[JsonSerializable(typeof(RemoveSigningSecret))]
[JsonSerializable(typeof(PutSubscription))]
[JsonSerializable(typeof(RemoveSubscription))]
[JsonSerializable(typeof(GetOpenFanOut))]
[JsonSerializable(typeof(OpenFanOutView))]
[JsonSerializable(typeof(RecorderChanged))]
[JsonSerializable(typeof(RecorderRefused))]
[JsonSerializable(typeof(SubscriptionStored))]
[JsonSerializable(typeof(SignalJudged))]
[JsonSerializable(typeof(TestSignal))]
[JsonSerializable(typeof(SignalTested))]
[JsonSerializable(typeof(OpenAccount))]
[JsonSerializable(typeof(ChangeAccountLimits))]
[JsonSerializable(typeof(CancelManually))]
[JsonSerializable(typeof(FlattenAccount))]
[JsonSerializable(typeof(HaltAccount))]
[JsonSerializable(typeof(ResumeAccount))]
[JsonSerializable(typeof(AccountDone))]
[JsonSerializable(typeof(HaltTaken))]
[JsonSerializable(typeof(AccountRefused))]
[JsonSerializable(typeof(ManualOrderTaken))]
[JsonSerializable(typeof(GetConnection))]
[JsonSerializable(typeof(ConnectionView))]
[JsonSerializable(typeof(StartOperation))]
[JsonSerializable(typeof(OperationStored))]
[JsonSerializable(typeof(OperationRefused))]
public sealed partial class EntityJson : JsonSerializerContext;

/// <summary>The catalog of the names under which this assembly's types are stored and sent. docs/formats/journal.md lists them; a name is never given to another shape.</summary>
public static class EntityStoredTypes
{
    public static StoredTypes AddEntities(this StoredTypes types) => AddQuestions(types)
        .Add("recorder.state", EntityJson.Default.RecorderState)
        .Add("recorder.created.v1", EntityJson.Default.RecorderCreated)
        .Add("recorder.edited.v1", EntityJson.Default.RecorderEdited)
        .Add("recorder.paused.v1", EntityJson.Default.RecorderPaused)
        .Add("recorder.webhook-token-replaced.v1", EntityJson.Default.WebhookTokenReplaced)
        .Add("recorder.webhook-token-ended.v1", EntityJson.Default.WebhookTokenEnded)
        .Add("recorder.signing-secret-replaced.v1", EntityJson.Default.SigningSecretReplaced)
        .Add("recorder.previous-secret-ended.v1", EntityJson.Default.PreviousSecretEnded)
        .Add("recorder.signing-secret-removed.v1", EntityJson.Default.SigningSecretRemoved)
        .Add("recorder.subscription-put.v1", EntityJson.Default.SubscriptionPut)
        .Add("recorder.subscription-removed.v1", EntityJson.Default.SubscriptionRemoved)
        .Add("recorder.signal-accepted.v1", EntityJson.Default.SignalAccepted)
        .Add("recorder.signal-refused.v1", EntityJson.Default.SignalRefused)
        .Add("recorder.silence-raised.v1", EntityJson.Default.SilenceRaised)
        .Add("recorder.fan-out-completed.v1", EntityJson.Default.FanOutCompleted)
        .Add("recorder.signal.v1", EntityJson.Default.RecorderSignal)
        .Add("recorder.subscription-terms.v1", EntityJson.Default.SubscriptionTerms)
        .Add("recorder.set-subscription.v1", EntityJson.Default.SetSubscription)
        .Add("recorder.receive-signal.v1", EntityJson.Default.ReceiveSignal)
        .Add("account.state", EntityJson.Default.AccountState)
        .Add("account.opened.v1", EntityJson.Default.AccountOpened)
        .Add("account.limits-changed.v1", EntityJson.Default.LimitsChanged)
        .Add("account.halted.v1", EntityJson.Default.AccountHalted)
        .Add("account.resumed.v1", EntityJson.Default.AccountResumed)
        .Add("account.subscription-set.v1", EntityJson.Default.SubscriptionSet)
        .Add("account.signal-taken.v1", EntityJson.Default.SignalTaken)
        .Add("account.signal-settled.v1", EntityJson.Default.SignalSettled)
        .Add("account.close-asked.v1", EntityJson.Default.CloseAsked)
        .Add("account.shares-netted.v1", EntityJson.Default.SharesNetted)
        .Add("account.protection-set.v1", EntityJson.Default.ProtectionSet)
        .Add("account.protection-delayed.v1", EntityJson.Default.ProtectionDelayed)
        .Add("account.close-reached.v1", EntityJson.Default.CloseReached)
        .Add("account.close-delayed.v1", EntityJson.Default.CloseDelayed)
        .Add("account.entry-queued.v1", EntityJson.Default.EntryQueued)
        .Add("account.entry-dropped.v1", EntityJson.Default.EntryDropped)
        .Add("account.order-planned.v1", EntityJson.Default.OrderPlanned)
        .Add("account.cancel-asked.v1", EntityJson.Default.CancelAsked)
        .Add("account.order-changed.v1", EntityJson.Default.OrderChanged)
        .Add("account.trade-booked.v1", EntityJson.Default.TradeBooked)
        .Add("account.halt-confirmed.v1", EntityJson.Default.HaltConfirmed)
        .Add("account.operation-taken.v1", EntityJson.Default.OperationTaken)
        .Add("account.operation-settled.v1", EntityJson.Default.OperationSettled)
        .Add("account.place-manual-order.v1", EntityJson.Default.PlaceManualOrder)
        .Add("connection.state", EntityJson.Default.ConnectionState)
        .Add("connection.opened.v1", EntityJson.Default.ConnectionOpened)
        .Add("connection.intent-stored.v1", EntityJson.Default.IntentStored)
        .Add("connection.intent-renewed.v1", EntityJson.Default.IntentRenewed)
        .Add("connection.order-acknowledged.v1", EntityJson.Default.OrderAcknowledged)
        .Add("connection.outcome-unknown.v1", EntityJson.Default.OutcomeUnknown)
        .Add("connection.find-repeated.v1", EntityJson.Default.FindRepeated)
        .Add("connection.order-ended.v1", EntityJson.Default.OrderEnded)
        .Add("connection.intent-abandoned.v1", EntityJson.Default.IntentAbandoned)
        .Add("connection.settle-requested.v1", EntityJson.Default.SettleRequested)
        .Add("connection.cancel-requested.v1", EntityJson.Default.CancelRequested)
        .Add("connection.cancel-taken.v1", EntityJson.Default.CancelTaken)
        .Add("connection.report-booked.v1", EntityJson.Default.ReportBooked)
        .Add("connection.report-passed.v1", EntityJson.Default.ReportPassed)
        .Add("connection.order-revived.v1", EntityJson.Default.OrderRevived)
        .Add("connection.drift-seen.v1", EntityJson.Default.DriftSeen)
        .Add("connection.drift-confirmed.v1", EntityJson.Default.DriftConfirmed)
        .Add("connection.link-account.v1", EntityJson.Default.LinkAccount)
        .Add("connection.place-order.v1", EntityJson.Default.PlaceOrder)
        .Add("connection.request-cancel.v1", EntityJson.Default.RequestCancel)
        .Add("connection.order-update.v1", EntityJson.Default.OrderUpdate)
        .Add("connection.report-received.v1", EntityJson.Default.ReportReceived)
        .Add("connection.entries-halted.v1", EntityJson.Default.EntriesHalted)
        .Add("connection.withdraw-entries.v1", EntityJson.Default.WithdrawEntries)
        .Add("connection.entries-withdrawn.v1", EntityJson.Default.EntriesWithdrawn)
        .Add("operation.state", EntityJson.Default.OperationState)
        .Add("operation.started.v1", EntityJson.Default.OperationStarted)
        .Add("operation.delivered.v1", EntityJson.Default.OperationDelivered)
        .Add("operation.account-finished.v1", EntityJson.Default.AccountFinished)
        .Add("operation.completed.v1", EntityJson.Default.OperationCompleted)
        .Add("operation.order.v1", EntityJson.Default.OperationOrder)
        .Add("operation.result.v1", EntityJson.Default.OperationResult);

    /// <summary>What front doors ask of entities on other nodes, and the answers. Parked messages show these names too.</summary>
    private static StoredTypes AddQuestions(StoredTypes types) => types
        .Add("recorder.create.v1", EntityJson.Default.CreateRecorder)
        .Add("recorder.change.v1", EntityJson.Default.ChangeRecorder)
        .Add("recorder.pause.v1", EntityJson.Default.PauseRecorder)
        .Add("recorder.replace-webhook-token.v1", EntityJson.Default.ReplaceWebhookToken)
        .Add("recorder.end-previous-token.v1", EntityJson.Default.EndPreviousToken)
        .Add("recorder.replace-signing-secret.v1", EntityJson.Default.ReplaceSigningSecret)
        .Add("recorder.end-previous-secret.v1", EntityJson.Default.EndPreviousSecret)
        .Add("recorder.remove-signing-secret.v1", EntityJson.Default.RemoveSigningSecret)
        .Add("recorder.put-subscription.v1", EntityJson.Default.PutSubscription)
        .Add("recorder.remove-subscription.v1", EntityJson.Default.RemoveSubscription)
        .Add("recorder.get-open-fan-out.v1", EntityJson.Default.GetOpenFanOut)
        .Add("recorder.get-open-fan-out-reply.v1", EntityJson.Default.OpenFanOutView)
        .Add("recorder.changed-reply.v1", EntityJson.Default.RecorderChanged)
        .Add("recorder.refused-reply.v1", EntityJson.Default.RecorderRefused)
        .Add("recorder.subscription-reply.v1", EntityJson.Default.SubscriptionStored)
        .Add("recorder.judged-reply.v1", EntityJson.Default.SignalJudged)
        .Add("recorder.test-signal.v1", EntityJson.Default.TestSignal)
        .Add("recorder.test-signal-reply.v1", EntityJson.Default.SignalTested)
        .Add("account.open.v1", EntityJson.Default.OpenAccount)
        .Add("account.change-limits.v1", EntityJson.Default.ChangeAccountLimits)
        .Add("account.cancel-manually.v1", EntityJson.Default.CancelManually)
        .Add("account.flatten.v1", EntityJson.Default.FlattenAccount)
        .Add("account.halt.v1", EntityJson.Default.HaltAccount)
        .Add("account.resume.v1", EntityJson.Default.ResumeAccount)
        .Add("account.done-reply.v1", EntityJson.Default.AccountDone)
        .Add("account.halt-reply.v1", EntityJson.Default.HaltTaken)
        .Add("account.refused-reply.v1", EntityJson.Default.AccountRefused)
        .Add("account.place-manual-order-reply.v1", EntityJson.Default.ManualOrderTaken)
        .Add("connection.get.v1", EntityJson.Default.GetConnection)
        .Add("connection.get-reply.v1", EntityJson.Default.ConnectionView)
        .Add("operation.start.v1", EntityJson.Default.StartOperation)
        .Add("operation.start-reply.v1", EntityJson.Default.OperationStored)
        .Add("operation.refused-reply.v1", EntityJson.Default.OperationRefused);
}
