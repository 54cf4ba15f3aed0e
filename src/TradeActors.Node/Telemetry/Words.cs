using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Orders;

namespace TradeActors.Node.Telemetry;

/// <summary>How tags of metrics and attributes of spans spell what brokers were asked and answered.</summary>
internal static class BrokerWords
{
    public static string Of(BrokerCallKind kind) => kind switch
    {
        BrokerCallKind.Submit => "submit",
        BrokerCallKind.Cancel => "cancel",
        _ => "find",
    };

    public static string Of(BrokerCallOutcome outcome) => outcome switch
    {
        BrokerCallOutcome.Accepted => "accepted",
        BrokerCallOutcome.Rejected => "rejected",
        BrokerCallOutcome.NotSent => "not_sent",
        BrokerCallOutcome.Unknown => "unknown",
        BrokerCallOutcome.Found => "found",
        BrokerCallOutcome.NotFound => "not_found",
        _ => "failed",
    };
}

internal static class PurposeWords
{
    /// <param name="purpose">Null for an order that has left the account's memory.</param>
    public static string Of(OrderPurpose? purpose) => purpose switch
    {
        OrderPurpose.Entry => "entry",
        OrderPurpose.Exit => "exit",
        OrderPurpose.Protection => "protection",
        _ => "forgotten",
    };
}
