using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Identity;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Api;
using TradeActors.Api.Health;
using TradeActors.Configuration.Hocon;
using TradeActors.Node.Configuration;
using TradeActors.Node.Demo;
using TradeActors.Node.Hosting;
using TradeActors.Node.Secrets;
using TradeActors.Node.Telemetry;

if (args.Any(arg => arg is "--help" or "-h" or "-?"))
{
    Console.WriteLine(Help.Text);
    return 0;
}

try
{
    return args switch
    {
        ["backup", var target, .. var rest] => Backup.Take(target, rest),
        ["restore", var source, .. var rest] => Backup.Restore(source, rest),
        _ => await RunAsync(args),
    };
}
catch (SettingException error)
{
    return Refuse(error.Message);
}
catch (HoconException error)
{
    return Refuse(error.Message);
}
catch (StoreOpenException error)
{
    return Refuse(error.Message);
}
catch (IOException error) when (error.InnerException is AddressInUseException or SocketException)
{
    return Refuse($"The address is taken: {error.Message} Stop the other program, or serve elsewhere with --urls http://127.0.0.1:5081.");
}

static int Refuse(string message)
{
    Console.Error.WriteLine($"TradeActors cannot start. {message}");
    return 1;
}

static async Task<int> RunAsync(string[] args)
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    NodeConfiguration.AddTo(builder.Configuration, args);
    var values = SettingValues.Read(builder.Configuration, KnownSettings.All);
    var settings = NodeSettings.Read(values);
    var telemetry = TelemetrySettings.Read(values, builder.Configuration);
    if (builder.Configuration["urls"] is null)
    {
        builder.WebHost.UseUrls(settings.DefaultUrl);
    }

    NodeLogging.Configure(builder.Logging, settings.JsonLog, telemetry, settings.NodeName);
    builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(6));
    builder.Services.AddSingleton(TimeProvider.System);

    NodeDoor.AddTo(builder.Services);
    builder.Services.AddTradeActorsApi(options =>
    {
        options.Registration = Enum.Parse<Registration>(values.Of(KnownSettings.Registration), ignoreCase: true);
        options.PublicAddress = values.Of(KnownSettings.PublicAddress);
        options.AllowedOrigins = values.Of(KnownSettings.AllowedOrigins);
        LimitSettings.Apply(values, options.Limits);
    });

    if (settings.Cluster.SecretKeys.Count > 0)
    {
        KeyRingSealer.AddTo(builder.Services);
    }

    await using var app = builder.Build();
    using var export = TelemetryExport.Start(telemetry, settings.NodeName, app.Services.GetRequiredService<ILoggerFactory>());
    // Before anything listens, so that a store that cannot be used is the first thing said.
    await using var node = await NodeHost.OpenAsync(
        settings, TimeProvider.System, app.Services.GetRequiredService<IMeterFactory>(), app.Services.GetRequiredService<ILoggerFactory>(), CancellationToken.None);
    app.Services.GetRequiredService<NodeDoor>().Node = node;
    app.UseTradeActorsApi();
    await node.StartAsync(CancellationToken.None);
    await StartListeningAsync(app);
    var address = app.Urls.First();
    NodeLog.Started(app.Logger, settings.NodeName, address, node.Store.Place);
    await Welcome.SayAsync(settings, address, node, app.Services);
    var stopping = app.WaitForShutdownAsync();
    var hasFailed = await Task.WhenAny(stopping, node.Entities.Completion) != stopping;
    if (hasFailed)
    {
        NodeLog.LoopFailed(app.Logger, node.Entities.Completion.Exception);
    }

    await app.StopAsync();
    await node.DisposeAsync();
    NodeLog.Stopped(app.Logger, settings.NodeName);
    return hasFailed ? 3 : 0;
}

static async Task StartListeningAsync(WebApplication app)
{
    try
    {
        await app.StartAsync();
    }
    catch (Exception error) when (error is FormatException or SocketException or InvalidOperationException)
    {
        throw new SettingException($"It cannot serve on '{string.Join(';', app.Urls)}': {error.Message} Give an address such as --urls http://127.0.0.1:5080.");
    }
}
