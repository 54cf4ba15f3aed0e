using TradeActors.Transport.RabbitMq;

namespace TradeActors.Node.Configuration;

/// <summary>
/// <c>ConnectionStrings:RabbitMq</c>: an AMQP URI. What in user, password or virtual host is not a letter, a digit or one of <c>-._~</c> is written in
/// percent codes.
/// </summary>
/// <remarks>
/// Source: RabbitMQ, "URI Specification", read 2026-11, but that an empty path means the virtual host <c>/</c> as no path does. Its query parameters are
/// refused. A class and not a record: a record would print the password.
/// </remarks>
internal sealed class RabbitAddress
{
    public const string Example = "amqp://user:password@host:5672/vhost";

    private const int PlainPort = 5672;
    private const int TlsPort = 5671;

    private readonly Uri _uri;

    private RabbitAddress(Uri uri) => _uri = uri;

    private bool UseTls => _uri.Scheme == "amqps";

    /// <exception cref="SettingException">It has a <see cref="ProblemOf"/>.</exception>
    public static RabbitAddress Parse(string text) => ProblemOf(text) is { } problem ? throw new SettingException(problem) : new RabbitAddress(new Uri(text));

    /// <returns>What is wrong, without repeating what may be a password; null when it can be used.</returns>
    public static string? ProblemOf(string text) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri is not { Scheme: "amqp" or "amqps", Host.Length: > 0 } ? Problem("it is no such address")
        : uri.Query.Length > 0 || uri.Fragment.Length > 0 ? Problem("nothing may stand behind the virtual host")
        : uri.AbsolutePath.LastIndexOf('/') > 0 ? Problem("a slash within the virtual host's name is written %2F")
        : uri.UserInfo.Length > 0 && uri.UserInfo.Split(':') is not [{ Length: > 0 }, _] ? Problem("user and password belong together, with one colon between them")
        : null;

    /// <summary>How this node connects to the server.</summary>
    /// <param name="random">See <see cref="RabbitOptions.Random"/>.</param>
    public RabbitOptions ToOptions(string clusterName, string nodeName, int shardCount, Func<double> random, TimeProvider time)
    {
        string[] user = _uri.UserInfo.Length == 0 ? ["guest", "guest"] : _uri.UserInfo.Split(':');
        var virtualHost = Uri.UnescapeDataString(_uri.AbsolutePath.TrimStart('/'));
        return new RabbitOptions
        {
            Host = _uri.DnsSafeHost,
            Port = _uri.Port > 0 ? _uri.Port : UseTls ? TlsPort : PlainPort,
            UserName = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            VirtualHost = virtualHost.Length == 0 ? "/" : virtualHost,
            UseTls = UseTls,
            Prefix = clusterName,
            Node = nodeName,
            ShardCount = shardCount,
            Random = random,
            Time = time,
        };
    }

    private static string Problem(string what) =>
        $"ConnectionStrings:RabbitMq cannot be used: {what}. Write {Example}, or amqps:// for TLS, with percent codes in user and password (%40 for @, %2F for /).";
}
