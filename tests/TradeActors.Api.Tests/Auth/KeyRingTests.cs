using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Auth;

/// <summary>A store that cannot be read must not look like a session that has ended.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly TempData _data = new();
    private readonly RingStore _ring = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Ring_that_cannot_be_read_is_answered_503_and_never_401()
    {
        string token, refresh, email;
        await using (var first = await StartAsync())
        {
            var owner = await first.NewTenantAsync();
            (token, refresh, email) = (owner.AccessToken!, owner.RefreshToken, owner.Email);
        }

        _ring.IsAway = true;
        await using var second = await StartAsync();
        var client = second.Anonymous();
        var session = client.WithToken(token);

        Unavailable(await session.GetAsync("/api/v1/me"));
        Unavailable(await client.PostAsync("/api/v1/auth/login", new { email, password = ApiClient.Password }));
        Unavailable(await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = refresh }));

        _ring.IsAway = false;
        (await session.GetAsync("/api/v1/me")).Is(200);
        (await client.WithToken("nonsense").GetAsync("/api/v1/me")).Is(401);
    }

    private Task<TestNode> StartAsync() => TestNode.StartAsync(_data.Path, build: builder => builder.Services.AddSingleton<IKeyRingStore>(_ring));

    private static void Unavailable(Reply reply)
    {
        reply.Problem(503, "unavailable");
        Assert.NotNull(reply.RetryAfter);
    }

    private sealed class RingStore : IKeyRingStore
    {
        private readonly ConcurrentDictionary<string, string> _elements = new(StringComparer.Ordinal);

        public bool IsAway { get; set; }

        public IReadOnlyList<string> LoadAll() => IsAway ? throw Away() : [.. _elements.Values];

        public void Save(string name, string xml) => _elements[name] = IsAway ? throw Away() : xml;

        private static JournalUnavailableException Away() => new("The test has taken the store away.");
    }
}
