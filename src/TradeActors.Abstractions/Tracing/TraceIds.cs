using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Tracing;

/// <summary>
/// The ids of traces and spans, derived from what they are about. Every stage of a signal or an order can name its own trace, its own span and its parent
/// from ids that it has anyway: nothing about traces is stored or sent, and a resend, a crash or another node makes the same ids (docs/adr/0008).
/// </summary>
public static class TraceIds
{
    /// <summary>The first 16 bytes of the SHA-256 of the signal's id (UTF-8).</summary>
    public static ActivityTraceId OfSignal(string signalId) => ActivityTraceId.CreateFromBytes(Hash(signalId)[..16]);

    /// <summary>Of an order that no signal asked for: as for a signal, from <c>tenant/account/key/ClOrdID</c>.</summary>
    public static ActivityTraceId OfOrder(EntityId account, string clOrdId) => ActivityTraceId.CreateFromBytes(Hash($"{account}/{clOrdId}")[..16]);

    /// <summary>The first 8 bytes of the SHA-256 of <c>trace/stage/about</c>, the trace in hex.</summary>
    /// <param name="stage">One of <see cref="TraceStage"/>.</param>
    /// <param name="about">What tells spans of one stage within a trace apart: an account, a ClOrdID, an ExecID.</param>
    public static ActivitySpanId Span(ActivityTraceId trace, string stage, string about = "") =>
        ActivitySpanId.CreateFromBytes(Hash($"{trace.ToHexString()}/{stage}/{about}")[..8]);

    private static ReadOnlySpan<byte> Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>The names of the spans, in the order in which a signal passes them.</summary>
public static class TraceStage
{
    public const string Webhook = "webhook";
    public const string Parse = "signal.parse";
    public const string Ask = "recorder.ask";
    public const string SignalDecided = "signal.decide";
    public const string FanOut = "signal.fanout";
    public const string AccountDecided = "account.decide";
    public const string OrderPlanned = "order.plan";
    public const string IntentStored = "order.intent";
    public const string Submit = "broker.submit";
    public const string Cancel = "broker.cancel";
    public const string Find = "broker.find";
    public const string ReportBooked = "order.report";
    public const string FillBooked = "account.fill";
}
