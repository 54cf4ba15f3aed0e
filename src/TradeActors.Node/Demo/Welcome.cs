using Microsoft.AspNetCore.Identity;
using TradeActors.Api.Auth;
using TradeActors.Node.Configuration;
using TradeActors.Node.Hosting;

namespace TradeActors.Node.Demo;

/// <summary>What a person sees at the start: where the node serves, and how to try it.</summary>
internal static class Welcome
{
    public static async Task SayAsync(NodeSettings settings, string address, NodeHost node, IServiceProvider services)
    {
        Console.WriteLine($"""

            TradeActors serves on {address}
              API page       {address}/openapi
              data           {node.Store.Place}
            """);
        if (settings.Demo)
        {
            var demo = new DemoTenant(
                node.Entities, node.Store.Users, services.GetRequiredService<IPasswordHasher<Member>>(), node.Paper, TimeProvider.System,
                settings.DataDirectory);
            if (await demo.EnsureAsync(CancellationToken.None) is var (access, isNew))
            {
                Say(address, access, isNew);
            }
        }

        Console.WriteLine("\nStop with Ctrl+C.\n");
    }

    private static void Say(string address, DemoAccess access, bool isNew) => Console.WriteLine($$"""

        {{(isNew ? "A demo tenant has been made: two paper accounts that trade one recorder's signals." : "The demo tenant is ready.")}}
          log-in         {{access.Email}}  {{access.Password}}
          webhook        {{address}}/webhook/{{access.WebhookToken}}

        Post an alert, as TradingView would:

          curl -sS {{address}}/webhook/{{access.WebhookToken}} -H 'Content-Type: application/json' -d '{"action":"buy","symbol":"MES1!","quantity":1}'

        and look at the fills:

          TOKEN=$(curl -sS {{address}}/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"{{access.Email}}","password":"{{access.Password}}"}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
          curl -sS {{address}}/api/v1/accounts -H "Authorization: Bearer $TOKEN"
          curl -sS {{address}}/api/v1/accounts/demopaper1/fills -H "Authorization: Bearer $TOKEN"
        """);
}
