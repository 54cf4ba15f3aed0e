using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Auth;
using TradeActors.Api.Common;
using Xunit;

namespace TradeActors.Api.Tests.Auth;

/// <summary>What the audit log holds of requests that come to no good end. Those that do are tested at the front door.</summary>
public sealed class AuditTests
{
    public static TheoryData<Exception, int, string> Ends => new()
    {
        { new EntityUnavailableException("No answer in time."), 503, "Unavailable" },
        { new ApiProblemException(422, "LastOwner", "Refused", "No."), 422, "LastOwner" },
        { new InvalidOperationException("A defect."), 500, "Internal" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task What_was_not_answered_stands_in_the_log_since_it_may_have_been_done(Exception end, int status, string reason)
    {
        var log = new FakeLog();
        var audit = new Audit(log, new RandomIds(), TimeProvider.System, NullLogger<Audit>.Instance);
        var http = new DefaultHttpContext { Request = { Method = "POST" } };
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => audit.InvokeAsync(new DefaultEndpointFilterInvocationContext(http), _ => throw end).AsTask());
        Assert.Same(end, thrown);
        Assert.Equal((status, reason), (log.Row!.Status, log.Row.Reason));
    }

    private sealed class FakeLog : IAuditLog
    {
        public AuditRow? Row { get; private set; }

        public Task WriteAsync(string tenant, AuditRow row, CancellationToken ct)
        {
            Row = row;
            return Task.CompletedTask;
        }
    }
}
