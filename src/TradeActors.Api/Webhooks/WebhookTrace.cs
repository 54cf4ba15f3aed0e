using System.Diagnostics;
using TradeActors.Abstractions.Tracing;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Webhooks;

/// <summary>The door's spans of one signal: the whole, the parsing, and the recorder's judgement until it is stored, or left for later. Never the path: it holds the token.</summary>
/// <param name="receivedAt">Of the request, UTC: there was no signal id yet to name the trace by.</param>
internal sealed class WebhookTrace(string signalId, string tenant, string recorder, DateTimeOffset receivedAt) : IDisposable
{
    public const string SourceName = "TradeActors.Api";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Activity? _whole = Begin(signalId, tenant, recorder, receivedAt);

    public T Parse<T>(Func<string, T> parse)
    {
        using var span = Start(TraceStage.Parse);
        return parse(signalId);
    }

    public async Task<object> AskAsync(Func<Task<object>> ask)
    {
        using var span = Start(TraceStage.Ask);
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            span?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            _whole?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            throw;
        }
    }

    public void End(SignalJudged judged) =>
        _whole?.SetTag("tradeactors.state", judged.State.ToString().ToLowerInvariant()).SetTag("tradeactors.reason", judged.Reason);

    /// <summary>It lies in the inbox: the judgement is a later span of the same trace.</summary>
    public void EndLeft() => _whole?.SetTag("tradeactors.state", "received");

    public void Dispose() => _whole?.Dispose();

    private static Activity? Begin(string signalId, string tenant, string recorder, DateTimeOffset receivedAt)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var trace = TraceIds.OfSignal(signalId);
        return StageSpans.Start(
                Source, TraceStage.Webhook, ActivityKind.Server, trace, TraceIds.Span(trace, TraceStage.Webhook), parent: null, receivedAt)
            ?.SetTag("http.request.method", "POST").SetTag("http.route", "/webhook/{token}")
            .SetTag("tradeactors.tenant", tenant).SetTag("tradeactors.recorder", recorder).SetTag("tradeactors.signal_id", signalId);
    }

    private Activity? Start(string stage) => _whole is null
        ? null
        : StageSpans.Start(Source, stage, ActivityKind.Internal, _whole.TraceId, TraceIds.Span(_whole.TraceId, stage), _whole.SpanId);
}
