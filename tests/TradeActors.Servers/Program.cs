using TradeActors.Servers.Postgres;
using TradeActors.Servers.RabbitMq;

namespace TradeActors.Servers;

/// <summary>Keeps one private server up until standard input ends: to look around by hand, and to test that a server dies with its starter.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["postgres"]:
                await using (var server = await PrivatePostgres.StartAsync(CancellationToken.None))
                {
                    await ShowAsync(server.ConnectionString, server.ProcessIds);
                }

                return 0;
            case ["rabbitmq"]:
                await using (var server = await PrivateRabbitMq.StartAsync(CancellationToken.None))
                {
                    await ShowAsync(server.Address.ToString(), server.ProcessIds);
                }

                return 0;
            default:
                await Console.Error.WriteLineAsync("postgres | rabbitmq");
                return 2;
        }
    }

    /// <summary>The last line is what a test waits for.</summary>
    private static async Task ShowAsync(string address, IReadOnlyList<int> processIds)
    {
        Console.WriteLine($"address {address}");
        Console.WriteLine($"processes {string.Join(' ', processIds)}");
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Enter does nothing; Ctrl-D ends it.
        }
    }
}
