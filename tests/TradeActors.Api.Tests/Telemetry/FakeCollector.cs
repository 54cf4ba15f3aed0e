using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace TradeActors.Api.Tests.Telemetry;

/// <summary>A collector on a loopback socket that keeps every byte: OTLP over HTTP, or over gRPC without encryption.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private FakeCollector(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Bodies as they came; over gRPC without the five bytes of its frame.</summary>
    public IEnumerable<byte[]> Traces => Of("trace");

    public IEnumerable<byte[]> Metrics => Of("metrics");

    public IEnumerable<byte[]> Logs => Of("logs");

    public IEnumerable<(string Path, byte[] Body)> All => _received;

    public static async Task<FakeCollector> StartAsync(bool speaksGrpc)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = speaksGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var collector = new FakeCollector(app);
        app.MapPost("/{**path}", context => collector.TakeAsync(context, speaksGrpc));
        await app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private IEnumerable<byte[]> Of(string signal) =>
        _received.Where(request => request.Path.Contains(signal, StringComparison.Ordinal)).Select(request => request.Body);

    private async Task TakeAsync(HttpContext context, bool speaksGrpc)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path.Value!, speaksGrpc ? body.ToArray()[5..] : body.ToArray()));
        if (speaksGrpc)
        {
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5]); // An empty message: everything was taken.
            context.Response.AppendTrailer("grpc-status", "0");
        }
        else
        {
            context.Response.ContentType = "application/x-protobuf";
        }
    }
}
