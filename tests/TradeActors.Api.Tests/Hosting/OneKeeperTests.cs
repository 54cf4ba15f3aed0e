using TradeActors.Api.Tests.Support;
using TradeActors.Node.Hosting;
using Xunit;

namespace TradeActors.Api.Tests.Hosting;

public sealed class OneKeeperTests
{
    private readonly HandClock _clock = new();
    private readonly List<string> _stored = [];
    private readonly OneKeeper<char, string> _keeper;
    private bool _isKeeper;
    private bool _isFailing;

    public OneKeeperTests() => _keeper = new(() => _isKeeper, item => item[0], SaveAsync, _clock);

    [Fact]
    public async Task Next_keeper_stores_what_the_last_one_may_not_have_stored()
    {
        await _keeper.SaveAsync(["a1", "b1"], default);
        await _keeper.SaveAsync(["a2"], default);
        Assert.Empty(_stored);

        _isKeeper = true;
        await _keeper.SaveAsync(["b2"], default);
        Assert.Equal(["a2", "b2"], _stored);
        await _keeper.SaveAsync(["b3"], default);
        Assert.Equal(["a2", "b2", "b3"], _stored);
    }

    [Fact]
    public async Task What_is_long_past_was_stored_by_the_keeper_before()
    {
        await _keeper.SaveAsync(["a1"], default);
        _clock.Advance(OneKeeper<char, string>.Remembered + TimeSpan.FromSeconds(1));
        _isKeeper = true;
        await _keeper.SaveAsync(["b1"], default);
        Assert.Equal(["b1"], _stored);
    }

    [Fact]
    public async Task What_could_not_be_stored_is_stored_with_the_next()
    {
        await _keeper.SaveAsync(["a1"], default);
        (_isKeeper, _isFailing) = (true, true);
        await Assert.ThrowsAsync<IOException>(() => _keeper.SaveAsync(["b1"], default));
        _isFailing = false;
        await _keeper.SaveAsync(["b1"], default);
        Assert.Equal(["a1", "b1"], _stored);
    }

    private Task SaveAsync(IReadOnlyList<string> items, CancellationToken ct)
    {
        if (_isFailing)
        {
            throw new IOException("The store is away.");
        }

        _stored.AddRange(items);
        return Task.CompletedTask;
    }
}
