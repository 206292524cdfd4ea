using PiGrid.NodeAgent.Workers.Inside;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

public class MemoryErrorsTests
{
    [Theory]
    [InlineData("std::bad_alloc")]
    [InlineData("Failed to allocate memory for requested buffer of size 3200000000")]
    public void Error_OfAFailedAllocation_IsTheDeathThatItStandsFor(string message)
    {
        var error = MemoryErrors.Unify(Failed(message)).Error!;

        Assert.Equal(ItemErrorCode.WorkerDied, error.Code);
        Assert.Contains("Send a smaller one", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_OfAnotherKind_StaysAsItIs()
    {
        var failed = Failed("a dimension does not fit");

        Assert.Same(failed, MemoryErrors.Unify(failed));
    }

    private static ItemOutput Failed(string message) => new() { Error = new ItemError(ItemErrorCode.ModelFailed, message) };
}
