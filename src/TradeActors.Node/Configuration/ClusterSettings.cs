namespace TradeActors.Node.Configuration;

/// <summary>What nodes of a cluster share. A class and not a record: a record would print passwords and keys.</summary>
internal sealed class ClusterSettings
{
    private const string PostgresName = "Postgres";
    private const string RabbitMqName = "RabbitMq";

    /// <summary>Npgsql's keywords; null where the data is in a SQLite file of this node alone.</summary>
    public string? Postgres { get; init; }

    /// <summary>Null for one node alone.</summary>
    public RabbitAddress? RabbitMq { get; init; }

    /// <summary>Begins the names of queues.</summary>
    public string Name { get; init; } = KnownSettings.ClusterName.Default!;

    /// <summary>32 bytes each, in base64: the first seals, all open. Empty where keys are kept in the data directory.</summary>
    public IReadOnlyList<string> SecretKeys { get; init; } = [];

    /// <exception cref="SettingException">What does not go together or is missing: all of it.</exception>
    public static ClusterSettings Read(SettingValues values)
    {
        var (isPostgres, isRabbitMq) = (values.Of(KnownSettings.Storage) == "postgres", values.Of(KnownSettings.Cluster) == "rabbitmq");
        string[] problems = [.. isPostgres ? ProblemsOfPostgres(values) : [], .. isRabbitMq ? ProblemsOfRabbitMq(values, isPostgres) : []];
        return problems.Length > 0 ? throw new SettingException(problems) : new ClusterSettings
        {
            Postgres = isPostgres ? values.ConnectionString(PostgresName) : null,
            RabbitMq = isRabbitMq ? RabbitAddress.Parse(values.ConnectionString(RabbitMqName)!) : null,
            Name = values.Of(KnownSettings.ClusterName),
            SecretKeys = values.Of(KnownSettings.SecretsKey),
        };
    }

    private static IEnumerable<string> ProblemsOfPostgres(SettingValues values)
    {
        var storage = $"{KnownSettings.Storage.Key} = 'postgres'";
        if (values.ConnectionString(PostgresName) is null)
        {
            yield return $"{storage} needs the connection string of its database. Set ConnectionStrings__{PostgresName} in the environment: "
                + "Host=db;Database=tradeactors;Username=tradeactors;Password=…";
        }

        if (values.Of(KnownSettings.SecretsKey).Count == 0)
        {
            yield return $"{storage} needs {KnownSettings.SecretsKey.Key}, the key of stored secrets that all nodes share. Set TRADEACTORS__SECRETS_KEY in the "
                + "environment of each to what `openssl rand -base64 32` prints once, and keep a copy of it.";
        }

        if (values.Of(KnownSettings.Demo) == true)
        {
            yield return $"{KnownSettings.Demo.Key} = 'true' does not go with {storage}: the demo's log-in is printed, and others reach such a node. "
                + "Leave it out, or use false.";
        }
    }

    private static IEnumerable<string> ProblemsOfRabbitMq(SettingValues values, bool isPostgres)
    {
        var cluster = $"{KnownSettings.Cluster.Key} = 'rabbitmq'";
        if (!isPostgres)
        {
            yield return $"{cluster} needs {KnownSettings.Storage.Key} = 'postgres': a SQLite file serves one node.";
        }

        if (values.Of(KnownSettings.Loops) > 1)
        {
            yield return $"{cluster} does not go with {KnownSettings.Loops.Key} = '{values.Of(KnownSettings.Loops)}': use 1, and start more nodes.";
        }

        if (values.ConnectionString(RabbitMqName) is not { } address)
        {
            yield return $"{cluster} needs the address of its server. Set ConnectionStrings__{RabbitMqName} in the environment: {RabbitAddress.Example}";
        }
        else if (RabbitAddress.ProblemOf(address) is { } problem)
        {
            yield return problem;
        }
    }
}
