namespace TradeActors.Node.Configuration;

internal static class Help
{
    public const string Text = """
        TradeActors node

        usage: dotnet run --project src/TradeActors.Node [-- --key value ...]

               dotnet run --project src/TradeActors.Node -- backup <new file>
               dotnet run --project src/TradeActors.Node -- restore <backup file> --tradeactors:data-directory <empty directory>

          --urls                              where to serve; default http://127.0.0.1:5080
          --tradeactors:data-directory        where the data is; default ./data (environment: TRADEACTORS__DATA_DIRECTORY)
          --tradeactors:demo                  true | false: make a demo tenant at the first start; default true
          --tradeactors:registration          open | closed: who may make a tenant; default open
          --tradeactors:public-address        address of this front door as the world sees it, for webhook URLs
          --tradeactors:node-name             default: the machine's name
          --tradeactors:market:feed           simulated | manual | replay; default simulated
          --tradeactors:market:replay:file    quotes to replay; hocon/README.md tells of its columns, speed and times
          --tradeactors:market:seed           seed of the simulated market; default 1
          --tradeactors:market:quotes-per-second  of the simulated market, all instruments together; default 20
          --tradeactors:market:session-hours  true | false: keep the exchanges' hours; default false
          --tradeactors:shards                fixed at the first start; default 128
          --tradeactors:loops                 loops that share the shards; default 1
          --tradeactors:keep-live-days        how long live events are kept for clients that come back; default 7
          --tradeactors:keep-raw-days         how long the raw text of signals is kept; default 90
          --tradeactors:log                   text | json; default text
          --tradeactors:telemetry:otlp-endpoint  collector for traces, metrics and log lines, such as http://127.0.0.1:4317; default none
          --tradeactors:telemetry:protocol    grpc | http; default grpc
          --tradeactors:telemetry:sample-ratio  share of the traces that is kept; default 1
          --help                              this text

        The first start prints a log-in, a webhook address and a curl line to try. Every key can be given in the environment:
        upper case, "__" for ":", "_" for "-".
        """;
}
