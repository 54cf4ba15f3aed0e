using System.Text.Json.Serialization;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Brokers;

namespace TradeActors.PaperExchange;

/// <summary>The stored names of everything that the paper exchange says or keeps.</summary>
public static class PaperStoredTypes
{
    public static StoredTypes AddPaperExchange(this StoredTypes types) => RegisterMessages(RegisterEvents(types))
        .Add("paper.state.v1", PaperJson.Default.PaperExchangeState);

    private static StoredTypes RegisterEvents(StoredTypes types) => types
        .Add("paper.opened.v1", PaperJson.Default.PaperBookOpened)
        .Add("paper.order-accepted.v1", PaperJson.Default.PaperOrderAccepted)
        .Add("paper.order-rejected.v1", PaperJson.Default.PaperOrderRejected)
        .Add("paper.order-arrived.v1", PaperJson.Default.PaperOrderArrived)
        .Add("paper.quote-seen.v1", PaperJson.Default.PaperQuoteSeen)
        .Add("paper.order-triggered.v1", PaperJson.Default.PaperOrderTriggered)
        .Add("paper.order-filled.v1", PaperJson.Default.PaperOrderFilled)
        .Add("paper.order-canceled.v1", PaperJson.Default.PaperOrderCanceled)
        .Add("paper.order-expired.v1", PaperJson.Default.PaperOrderExpired)
        .Add("paper.faults-set.v1", PaperJson.Default.PaperFaultsSet)
        .Add("paper.reports-seen.v1", PaperJson.Default.PaperReportsSeen);

    private static StoredTypes RegisterMessages(StoredTypes types) => types
        .Add("paper.open.v1", PaperJson.Default.OpenPaperBook)
        .Add("paper.open-reply.v1", PaperJson.Default.PaperBookReply)
        .Add("paper.place.v1", PaperJson.Default.PlacePaperOrder)
        .Add("paper.place-reply.v1", PaperJson.Default.PaperPlaceReply)
        .Add("paper.cancel.v1", PaperJson.Default.CancelPaperOrder)
        .Add("paper.cancel-reply.v1", PaperJson.Default.PaperCancelReply)
        .Add("paper.find.v1", PaperJson.Default.FindPaperOrder)
        .Add("paper.find-reply.v1", PaperJson.Default.PaperFindReply)
        .Add("paper.get-reports.v1", PaperJson.Default.GetPaperReports)
        .Add("paper.get-reports-reply.v1", PaperJson.Default.PaperReportsReply)
        .Add("paper.get-snapshot.v1", PaperJson.Default.GetPaperSnapshot)
        .Add("paper.get-snapshot-reply.v1", PaperJson.Default.PaperSnapshotReply)
        .Add("paper.set-faults.v1", PaperJson.Default.SetPaperFaults)
        .Add("paper.set-faults-reply.v1", PaperJson.Default.PaperFaultsReply);
}

/// <summary>The shapes behind the names, and of the exchange's row (BrokerOrder), which is read with the same rules as it is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PaperExchangeState))]
[JsonSerializable(typeof(PaperBookOpened))]
[JsonSerializable(typeof(PaperOrderAccepted))]
[JsonSerializable(typeof(PaperOrderRejected))]
[JsonSerializable(typeof(PaperOrderArrived))]
[JsonSerializable(typeof(PaperQuoteSeen))]
[JsonSerializable(typeof(PaperOrderTriggered))]
[JsonSerializable(typeof(PaperOrderFilled))]
[JsonSerializable(typeof(PaperOrderCanceled))]
[JsonSerializable(typeof(PaperOrderExpired))]
[JsonSerializable(typeof(PaperFaultsSet))]
[JsonSerializable(typeof(PaperReportsSeen))]
[JsonSerializable(typeof(OpenPaperBook))]
[JsonSerializable(typeof(PaperBookReply))]
[JsonSerializable(typeof(PlacePaperOrder))]
[JsonSerializable(typeof(PaperPlaceReply))]
[JsonSerializable(typeof(CancelPaperOrder))]
[JsonSerializable(typeof(PaperCancelReply))]
[JsonSerializable(typeof(FindPaperOrder))]
[JsonSerializable(typeof(PaperFindReply))]
[JsonSerializable(typeof(GetPaperReports))]
[JsonSerializable(typeof(PaperReportsReply))]
[JsonSerializable(typeof(GetPaperSnapshot))]
[JsonSerializable(typeof(PaperSnapshotReply))]
[JsonSerializable(typeof(SetPaperFaults))]
[JsonSerializable(typeof(PaperFaultsReply))]
[JsonSerializable(typeof(BrokerOrder))]
internal sealed partial class PaperJson : JsonSerializerContext;
