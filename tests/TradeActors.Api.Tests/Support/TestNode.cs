using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Api.Health;
using TradeActors.Node.Configuration;
using TradeActors.Node.Hosting;

namespace TradeActors.Api.Tests.Support;

/// <summary>A whole node behind its front door, as Program.cs puts it together: Kestrel on a free port, the embedded store, the manual feed.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly NodeHost _node;
    private bool _isStopped;

    private TestNode(WebApplication app, NodeHost node)
    {
        (_app, _node) = (app, node);
        Address = new Uri(app.Urls.First());
    }

    public Uri Address { get; }

    /// <summary>The front door's parts.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>The store behind it.</summary>
    public NodeStore Store => _node.Store;

    /// <param name="doorTime">The front door's clock; the system's when null.</param>
    /// <param name="build">What else is different about its host.</param>
    /// <param name="change">Makes other settings of the usual ones.</param>
    /// <param name="nodeTime">The clock of the node behind it; the system's when null.</param>
    public static async Task<TestNode> StartAsync(
        string dataDirectory, TimeProvider? doorTime = null, Action<ApiOptions>? configure = null, TimeProvider? nodeTime = null,
        Func<NodeSettings, NodeSettings>? change = null, Action<WebApplicationBuilder>? build = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(doorTime ?? TimeProvider.System);
        NodeDoor.AddTo(builder.Services);
        builder.Services.AddTradeActorsApi(options =>
        {
            options.Limits.Enabled = false; // Every test comes from one address.
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        var app = builder.Build();
        var settings = new NodeSettings(
            dataDirectory, "test", Demo: false, ShardCount: 8, Loops: 1, Feed: "manual", MarketSeed: 1, QuotesPerSecond: 20, SessionHours: false,
            KeepRawDays: 90, KeepLiveDays: 7, KeepAuditDays: 400, JsonLog: false, DefaultUrl: "");
        var node = await NodeHost.OpenAsync(
            change?.Invoke(settings) ?? settings, nodeTime ?? TimeProvider.System, app.Services.GetRequiredService<IMeterFactory>(), app.Services.GetRequiredService<ILoggerFactory>(), CancellationToken.None);
        app.Services.GetRequiredService<NodeDoor>().Node = node;
        app.UseTradeActorsApi();
        await node.StartAsync(CancellationToken.None);
        await app.StartAsync();
        return new TestNode(app, node);
    }

    public ApiClient Anonymous() => new(Address);

    /// <summary>A new tenant and its owner, logged in.</summary>
    public async Task<ApiClient> NewTenantAsync(string name = "Tenant")
    {
        var client = Anonymous();
        await client.RegisterAsync(name);
        await client.LogInAsync();
        return client;
    }

    /// <summary>Another user of the owner's tenant, invited and logged in.</summary>
    public async Task<ApiClient> NewUserAsync(ApiClient owner, string role)
    {
        var user = Anonymous();
        var token = (await owner.PostAsync("/api/v1/users", new { email = user.Email, role })).Is(201).Json.Text("token");
        user.UserId = (await user.PostAsync("/api/v1/auth/accept-invitation", new { token, password = ApiClient.Password })).Is(201).Json.Text("userId");
        await user.LogInAsync();
        return user;
    }

    /// <summary>Ends the node while its front door goes on.</summary>
    public async Task StopBehindTheDoorAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _node.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await StopBehindTheDoorAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A data directory of its own, removed at the end.</summary>
internal sealed class TempData : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tradeactors-api-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>The system's clock, moved ahead by a test.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
