using System.CommandLine;
using System.Text;
using System.Text.Json;
using PiGrid.Verification;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid receipt key|show|verify</c>.</summary>
internal static class ReceiptCommands
{
    // A receipt has a few hundred bytes for each input and about a kilobyte for each replica.
    private const int BytesMax = 16 << 20;

    /// <summary>Shows the grid's public key.</summary>
    public static Command Key()
    {
        var command = new Command("key", "Writes the grid's public key as PEM: keep it from a time when you trust the connection, receipts are verified with it.");
        command.OnGrid(async (_, grid, terminal, stop) =>
        {
            var info = await grid.GetGridAsync(stop);
            terminal.Answer(new { info.GridKey }, console => console.Profile.Out.Writer.Write(GridKeyFile.Write(info.GridKey)));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Fetches a receipt.</summary>
    public static Command Show()
    {
        var receipt = Parsing.Id<ReceiptId>("RECEIPT", "The receipt's id, as results name it.");
        var command = new Command("show", "Writes a receipt as JSON, for verify or any other program.") { receipt };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var found = await grid.FindReceiptAsync(parsed.GetValue(receipt), stop) ?? throw Missing.Receipt(parsed.GetValue(receipt));
            terminal.Answer(found, console => console.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(found, GridJson.Indented)));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Verifies a receipt without the grid.</summary>
    public static Command Verify()
    {
        var file = new Argument<string>("FILE") { Description = "The receipt's JSON." };
        var key = new Option<string>("--grid-key") { Description = "The grid's public key, as 'receipt key' wrote it.", Required = true };
        var results = new Option<string?>("--results") { Description = "A job's outputs as 'job result' wrote them (JSON lines): those of the receipt are compared with it." };
        var command = new Command("verify", "Verifies a receipt, and needs no grid for it.") { file, key, results };
        command.OnItsOwn((parsed, terminal, _) =>
        {
            var receipt = Read(parsed.GetRequiredValue(file));
            var errors = ReceiptCheck.Verify(receipt, ReadKey(parsed.GetRequiredValue(key))).ToList();
            if (parsed.GetValue(results) is { } named)
            {
                errors.AddRange(ReceiptCheck.VerifyOutputs(receipt, ReadResults(named).Where(r => r.Receipt == receipt.Body.Id)));
            }

            var body = receipt.Body;
            terminal.Answer(new { receipt = body.Id, valid = errors.Count == 0, errors }, console =>
            {
                foreach (var error in errors)
                {
                    console.WriteLine(error);
                }

                if (errors.Count == 0)
                {
                    Show(terminal, body);
                }
            });
            return Task.FromResult(errors.Count == 0 ? ExitCode.Ok : ExitCode.Failed);
        });
        return command;
    }

    private static void Show(Terminal terminal, ReceiptBody body)
    {
        var facts = Tables.Facts();
        facts.Row("receipt", $"{body.Id} is valid");
        facts.Row("model", $"{body.Model}, file {body.ModelFile?.ToString() ?? "none"}");
        facts.Row("output", $"{body.Output}, of {body.Inputs.Count} inputs");
        facts.Row("accepted", $"{Tables.At(body.AcceptedAt)} under {body.Policy}");
        if (body.Credibility is { } credibility)
        {
            facts.Row("credibility", credibility.ToString("0.########", System.Globalization.CultureInfo.InvariantCulture));
        }

        foreach (var replica in body.Replicas)
        {
            facts.Row(replica.Agreed ? "agreed" : "did not agree", $"{(replica.Operator ? "operator node " : "")}{replica.Node} of {replica.Owner}, {replica.Statement.Library} on {replica.Statement.HardwareClass}");
        }

        terminal.Out.Write(facts);
    }

    private static Receipt Read(string path)
    {
        try
        {
            // Strict: what the signature does not cover must not stand in the file either.
            return JsonSerializer.Deserialize<Receipt>(ReadBytes("FILE", path), GridJson.Document) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new UsageException($"'{path}' is not a receipt: {e.Message}");
        }
    }

    private static IEnumerable<JobResult> ReadResults(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            yield return Parse(line, path, number);
        }
    }

    private static JobResult Parse(string line, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<JobResult>(line, GridJson.Wire) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new UsageException($"--results '{path}' line {number} is no output of a job: {e.Message}");
        }
    }

    private static byte[] ReadKey(string path)
    {
        try
        {
            return GridKeyFile.Read(Encoding.UTF8.GetString(ReadBytes("--grid-key", path)));
        }
        catch (FormatException e)
        {
            throw new UsageException($"--grid-key '{path}' is not a public key: {e.Message}; 'pigrid receipt key' writes one.");
        }
    }

    private static byte[] ReadBytes(string option, string path)
    {
        try
        {
            return new FileInfo(path).Length <= BytesMax
                ? File.ReadAllBytes(path)
                : throw new UsageException($"{option} '{path}' is larger than {BytesMax} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} '{path}' cannot be read: {e.Message}");
        }
    }
}
