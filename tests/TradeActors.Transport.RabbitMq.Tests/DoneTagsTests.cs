using Xunit;

namespace TradeActors.Transport.RabbitMq.Tests;

public sealed class DoneTagsTests
{
    private readonly DoneTags _done = new();

    [Fact]
    public void What_is_done_without_a_gap_is_one_acknowledgement() => Assert.Equal([(3, true)], Take(2, 1, 3));

    [Fact]
    public void What_is_behind_a_gap_is_acknowledged_at_once_and_never_again()
    {
        Assert.Equal([(2, false), (4, false)], Take(2, 4));
        Assert.Equal([(5, false)], Take(5));
        Assert.Equal([(3, true)], Take(1, 3)); // 2, 4 and 5 the server has had: it would end the channel.
        Assert.Equal([(6, true)], Take(6));
    }

    [Fact]
    public void Gap_that_closes_on_what_is_acknowledged_names_the_last_that_is_not()
    {
        Assert.Equal([(2, false), (3, false)], Take(2, 3));
        Assert.Equal([(1, true)], Take(1));
        Assert.Equal([(4, true)], Take(4));
    }

    [Fact]
    public void Nothing_done_is_nothing_to_acknowledge() => Assert.Empty(Take());

    private (int Tag, bool IsWithAllBefore)[] Take(params int[] tags)
    {
        foreach (var tag in tags)
        {
            _done.Add((ulong)tag);
        }

        return [.. _done.Take().Select(acknowledgement => ((int)acknowledgement.Tag, acknowledgement.IsWithAllBefore))];
    }
}
