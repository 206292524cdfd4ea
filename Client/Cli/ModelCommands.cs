using System.CommandLine;
using System.Globalization;
using PiGrid.Models;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid model push|list|show|load|unload</c>.</summary>
internal static class ModelCommands
{
    /// <summary>Publishes a manifest with its files.</summary>
    public static Command Push()
    {
        var manifest = new Argument<string>("MANIFEST") { Description = "The manifest's path; its files lie beside it." };
        var wait = new Option<bool>("--wait") { Description = "Wait until an operator node has validated the version; fail if it is rejected." };
        var command = new Command("push", "Publishes a model version: uploads its files and its manifest.") { manifest, wait };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var folder = await ManifestFolder.LoadAsync(parsed.GetRequiredValue(manifest), stop);
            terminal.Say($"Publishing {folder.Sealed.Ref} ...");
            var status = await grid.PublishAsync(folder, stop);
            if (parsed.GetValue(wait) && status.State == ModelState.Pending)
            {
                terminal.Say($"Pending: {status.Reason ?? "an operator node validates it"} ...");
                status = await grid.WaitForModelAsync(status.Ref, stop);
            }

            terminal.Answer(status, console => Show(console, status));
            return status.State == ModelState.Rejected ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Lists all versions.</summary>
    public static Command List()
    {
        var command = new Command("list", "Lists model versions, newest first.");
        command.OnGrid(async (_, grid, terminal, stop) =>
        {
            var models = await grid.ListModelsAsync(stop).ToListAsync(stop);
            terminal.List("models", models, console =>
            {
                var table = Tables.Create("model", "state", "category", "licence", "published", "reason");
                foreach (var m in models)
                {
                    table.Row(m.Ref.Value, Tables.Word(m.State), m.Manifest.Category, m.Manifest.Licence, Tables.At(m.PublishedAt), m.Reason);
                }

                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Shows one version.</summary>
    public static Command Show()
    {
        var model = Parsing.Id<ModelRef>("MODEL", "The version: NAME@VERSION.");
        var command = new Command("show", "Shows a model version.") { model };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var wanted = parsed.GetValue(model);
            var status = await grid.FindModelAsync(wanted, stop) ?? throw Missing.Model(wanted);
            terminal.Answer(status, console => Show(console, status));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Brings a model into use again.</summary>
    public static Command Load()
    {
        var model = Named();
        var command = new Command("load", "Brings a model version, or all of a model, into use again; for the operator.") { model };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var name = parsed.GetRequiredValue(model);
            await grid.LoadModelAsync(name, stop);
            terminal.Answer(new { loaded = name }, console => console.WriteLine($"{name} is in use."));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Takes a model out of use.</summary>
    public static Command Unload()
    {
        var model = Named();
        var force = new Option<bool>("--force") { Description = "Even while calls of it run; they end as they would." };
        var command = new Command("unload", "Takes a model version, or all of a model, out of use until it is loaded again; for the operator.") { model, force };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var name = parsed.GetRequiredValue(model);
            await grid.UnloadModelAsync(name, parsed.GetValue(force), stop);
            terminal.Answer(new { unloaded = name }, console => console.WriteLine($"{name} is out of use: new calls and jobs are refused, running jobs go on."));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> Named() => new("MODEL") { Description = "NAME for all its versions, or NAME@VERSION." };

    private static void Show(IAnsiConsole console, ModelStatus status)
    {
        var table = Tables.Facts();
        void Row(string name, string? value) => table.Row(name, value);
        var manifest = status.Manifest;
        Row("model", status.Ref.Value);
        Row("state", Tables.Word(status.State) + (status.Reason is null ? "" : $": {status.Reason}"));
        Row("description", manifest.Description);
        Row("publisher", manifest.Publisher);
        Row("licence", manifest.Licence);
        Row("category", manifest.Category);
        Row("file", manifest.Model is { } file ? $"{file.File}, {file.Size} bytes, {file.Sha256}" : "none: a pipeline without a model step");
        Row("input", Tables.Word(manifest.Preprocess.Kind));
        Row("output", Tables.Word(manifest.Postprocess.Kind));
        Row("compared by", Tables.Word(manifest.Comparator.Kind));
        Row("ringers", manifest.Ringers.Count.ToString(CultureInfo.InvariantCulture));
        if (status.Report is { } report)
        {
            Row("model inputs", string.Join(", ", report.Inputs.Select(Spec)));
            Row("model outputs", string.Join(", ", report.Outputs.Select(Spec)));
            Row("time per input", string.Create(CultureInfo.InvariantCulture, $"{report.InputMs:0.0} ms"));
        }

        console.Write(table);

        static string Spec(TensorSpec s) => $"{s.Name} {s.Type}[{string.Join(',', s.Shape)}]";
    }
}
