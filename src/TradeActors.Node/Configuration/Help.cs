namespace TradeActors.Node.Configuration;

internal static class Help
{
    public static string Text => $"""
        TradeActors node

        usage: dotnet run --project src/TradeActors.Node [-- --key value ...]

               dotnet run --project src/TradeActors.Node -- backup <new file>
               dotnet run --project src/TradeActors.Node -- restore <backup file> --tradeactors:data-directory <empty directory>
               dotnet TradeActors.Node.dll health <address of a running node>   (exit code 0: it can accept a signal)

        {Line("--urls", "where to serve; default http://127.0.0.1:5080")}
        {string.Join('\n', KnownSettings.All.Select(LineOf))}
        {Line("--help", "this text")}

        The first start prints a log-in, a webhook address and a curl line to try. Every key can be given in the environment
        (upper case, "__" for ":", "_" for "-") and in a file: hocon/reference.conf has them all.
        """;

    private static string LineOf(Setting setting)
    {
        var choices = setting.Choices is null ? "" : $"{setting.Choices}: ";
        var standard = string.IsNullOrEmpty(setting.Default) ? "" : $"; default {setting.Default}";
        return Line($"--{setting.Key}", $"{choices}{setting.Meaning}{standard}");
    }

    private static string Line(string key, string meaning) => $"  {key,-40} {meaning}";
}
