using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Configuration;

public sealed class RabbitAddressTests
{
    [Theory]
    [InlineData("amqp://mq", "mq", 5672, "guest", "guest", "/", false)]
    [InlineData("amqp://mq/", "mq", 5672, "guest", "guest", "/", false)]
    [InlineData("amqps://mq", "mq", 5671, "guest", "guest", "/", true)]
    [InlineData("amqp://user:word@mq.example:1234/desk", "mq.example", 1234, "user", "word", "desk", false)]
    [InlineData("amqps://us%3Aer:p%40ss%2Fw%23%25%3a@mq:5673/%2Fdesk%2F1", "mq", 5673, "us:er", "p@ss/w#%:", "/desk/1", true)]
    [InlineData("amqp://user:@mq", "mq", 5672, "user", "", "/", false)]
    [InlineData("amqp://user:p%C3%A4ss+@[::1]:5672/%2f", "::1", 5672, "user", "päss+", "/", false)]
    [InlineData("AMQP://User:Word@MQ/Desk", "mq", 5672, "User", "Word", "Desk", false)]
    public void Parts_are_read_and_percent_codes_decoded(string text, string host, int port, string user, string password, string virtualHost, bool tls)
    {
        var options = RabbitAddress.Parse(text).ToOptions("desk", "node-1", 64, () => 0.5, TimeProvider.System);

        Assert.Equal(
            (host, port, user, password, virtualHost, tls),
            (options.Host, options.Port, options.UserName, options.Password, options.VirtualHost, options.UseTls));
        Assert.Equal(("desk", "node-1", 64, 0.5, TimeProvider.System), (options.Prefix, options.Node, options.ShardCount, options.Random(), options.Time));
    }

    [Theory]
    [InlineData("mq:5672")]
    [InlineData("Host=mq;Password=hush")]
    [InlineData("http://user:hush@mq")]
    [InlineData("amqp:user:hush@mq")]
    [InlineData("amqp://")]
    [InlineData("amqp://user:hush@")]
    [InlineData("amqp://user:hush@mq:port")]
    [InlineData("amqp://user:hush@mq:99999")]
    [InlineData("amqp://hush@mq")]
    [InlineData("amqp://:hush@mq")]
    [InlineData("amqp://user:hu:sh@mq")]
    [InlineData("amqp://user:hush/@mq")]
    [InlineData("amqp://user:hush#1@mq")]
    [InlineData("amqp://user:hush@mq/desk/1")]
    [InlineData("amqp://user:hush@mq/desk?heartbeat=5")]
    public void Anything_else_is_refused_with_an_example_and_without_the_password(string text)
    {
        var said = Assert.Throws<SettingException>(() => RabbitAddress.Parse(text)).Message;

        Assert.StartsWith("ConnectionStrings:RabbitMq cannot be used: ", said, StringComparison.Ordinal);
        Assert.Contains("amqp://user:password@host:5672/vhost", said, StringComparison.Ordinal);
        Assert.DoesNotContain("hu", said, StringComparison.Ordinal);
        Assert.DoesNotContain("sh@", said, StringComparison.Ordinal);
    }
}
