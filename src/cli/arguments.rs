//! The command line as it is written: forms, options, and their words of help.

use super::log::Form as LogForm;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The administration shell of a fleet: PowerShell-style commands and pipelines in Rhai.
#[derive(Debug, Parser)]
#[command(
    name = "reeve",
    version,
    about,
    after_help = "Without a form: the shell (REPL). `reeve -` reads commands from standard input.\n\
                  Try it: reeve lab\n\n\
                  Exit codes: 0 all well; 1 errors were written; 2 nothing ran, the text cannot be parsed or cannot work;\n\
                  3 access denied; 4 no deployment, or its host cannot be reached; 130 interrupted; `exit N` gives N."
)]
pub struct Arguments {
    /// The form.
    #[command(subcommand)]
    pub form: Option<Form>,
    /// Run a command text and exit.
    #[arg(short = 'c', value_name = "TEXT", allow_hyphen_values = true)]
    pub command: Option<String>,
    /// Options of every form.
    #[command(flatten)]
    pub common: Common,
}

/// Under what they stand in the help of a form: after its own.
const SHARED: &str = "Options of every form";

/// Options of every form.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The host directory or lab to work on [default: the user's data directory].
    #[arg(long, global = true, help_heading = SHARED, value_name = "DIR", env = "REEVE_DIR")]
    pub dir: Option<PathBuf>,
    /// Talk to a server: any host of the deployment will do, the active one is found through it.
    #[arg(long, global = true, help_heading = SHARED, value_name = "HOST[:PORT]", env = "REEVE_CONNECT", conflicts_with = "dir")]
    pub connect: Option<String>,
    /// The file with a person's certificate and key, to talk to servers with [default host: those that it lists].
    #[arg(long, global = true, help_heading = SHARED, value_name = "FILE", env = "REEVE_CERTIFICATE")]
    pub certificate: Option<PathBuf>,
    /// Work as this user of the deployment's directory; the owner of the files is administrator.
    #[arg(long, global = true, help_heading = SHARED, value_name = "NAME")]
    pub user: Option<String>,
    /// How objects are written.
    #[arg(long, global = true, help_heading = SHARED, value_enum, value_name = "FORM", default_value_t = Output::Auto)]
    pub output: Output,
    /// Columns to write for [default: the terminal's, or 120].
    #[arg(long, global = true, help_heading = SHARED, value_name = "N", value_parser = clap::value_parser!(u16).range(20..=4000))]
    pub width: Option<u16>,
    /// Without colours (so does NO_COLOR).
    #[arg(long, global = true, help_heading = SHARED)]
    pub no_color: bool,
    /// Stop a text after so many operations; 0 is no limit [default: 1000000000, none in the shell].
    #[arg(long, global = true, help_heading = SHARED, value_name = "N")]
    pub max_operations: Option<u64>,
    /// Stop a text after so many seconds; 0 is no limit [default: 86400, none in the shell].
    #[arg(long, global = true, help_heading = SHARED, value_name = "SECONDS")]
    pub time_limit: Option<u64>,
    /// How deep calls of functions and script blocks may nest [default: 5000, which is the most].
    #[arg(long, global = true, help_heading = SHARED, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub max_depth: Option<u16>,
    /// Stop what fills more memory than this, as 500MB or 2GB [default: half of what the machine gives].
    #[arg(long, global = true, help_heading = SHARED, value_name = "SIZE", value_parser = size)]
    pub max_memory: Option<u64>,
    /// Stop a text that writes more than this, to standard output and files; 0 is no limit [default: 8GB, none in the shell].
    #[arg(long, global = true, help_heading = SHARED, value_name = "SIZE", value_parser = size)]
    pub max_output: Option<u64>,
    /// Say more: the verbose stream; twice: the log too.
    #[arg(short, long, global = true, help_heading = SHARED, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Bytes, as PowerShell writes them: `500MB`, `2gb`, `4096`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1 << 10,
        "mb" | "m" => 1 << 20,
        "gb" | "g" => 1 << 30,
        "tb" | "t" => 1_u64 << 40,
        _ => return Err(format!("{unit} is no unit: KB, MB, GB and TB are")),
    };
    let number: u64 = number.parse().map_err(|_| "a size is a number and a unit, as 500MB".to_string())?;
    number.checked_mul(factor).ok_or_else(|| "that is more than there can be".to_string())
}

/// How objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// As PowerShell does: up to four properties a table, more a list.
    Auto,
    /// Always a table.
    Table,
    /// Always a list.
    List,
    /// One JSON object a line.
    Json,
    /// Comma-separated, with a header.
    Csv,
}

/// The forms.
#[derive(Debug, Subcommand)]
pub enum Form {
    /// Run a script: .rhai, or .ps1.
    Run {
        /// Start without the check; what cannot work is an error when it is reached.
        #[arg(long)]
        no_check: bool,
        /// The script; what follows it is the script's.
        #[arg(
            value_names = ["FILE", "ARG"], required = true, num_args = 1..,
            trailing_var_arg = true, allow_hyphen_values = true
        )]
        script: Vec<OsString>,
    },
    /// Run standard input as a command text.
    #[command(name = "-", hide = true)]
    Standard,
    /// Run the server of this computer.
    #[command(
        after_help = "It runs until SIGTERM or Ctrl-C, and logs to standard error; REEVE_LOG=reeve=debug says more.\n\
                            The directory is made by reeve init.\n\n\
                            reeve serve --dir /var/lib/reeve --monitor 127.0.0.1:9443"
    )]
    Serve {
        /// Where to listen [default: host.toml's, else port 4443 of all addresses].
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// Where to show health and metrics over plain HTTP [default: host.toml's, else nowhere].
        #[arg(long, value_name = "ADDR")]
        monitor: Option<SocketAddr>,
        /// The form of the log.
        #[arg(long, value_enum, value_name = "FORM", default_value_t = LogForm::Text)]
        log: LogForm,
        /// End when standard input does: with the process that started this one.
        #[arg(long)]
        with_parent: bool,
    },
    /// Make a deployment from a topology document, or join one.
    #[command(after_help = "The first computer:  reeve init /var/lib/reeve --topology topology.xml\n\
                            Every other one:     reeve init /var/lib/reeve --join https://cms1.example.net:4443 \\\n                     \
                                                 --token-file token.txt --computer web1.example.net\n\
                            Then:                reeve serve --dir /var/lib/reeve")]
    Init {
        /// The host directory to make [default: that of --dir]; it must not exist, or be empty.
        #[arg(required_unless_present = "dir")]
        directory: Option<PathBuf>,
        /// The topology document [default: the sample].
        #[arg(long, value_name = "FILE")]
        topology: Option<PathBuf>,
        /// The computer that the directory belongs to [default: the one with the active store; with --join this one's].
        #[arg(long, value_name = "FQDN")]
        computer: Option<String>,
        /// Join a deployment: the address of one of its servers, https://host:port.
        #[arg(long, value_name = "URL", requires = "token_file", conflicts_with = "topology")]
        join: Option<String>,
        /// The file with the join token that New-CsJoinToken gave; `-` is standard input.
        #[arg(long, value_name = "FILE", requires = "join")]
        token_file: Option<PathBuf>,
    },
    /// The sample deployment with its data, a server for every computer: look around, try things out.
    #[command(
        after_help = "Without --dir it is made in a temporary directory, and gone when you leave; --dir DIR keeps it.\n\
                            Its servers end with it. A second one on the same directory uses those of the first."
    )]
    Lab {
        /// Run a command text instead of the shell.
        #[arg(short = 'c', value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "file")]
        command: Option<String>,
        /// Make it of this topology document instead of the sample.
        #[arg(long, value_name = "FILE")]
        topology: Option<PathBuf>,
        /// Start no servers: work on the store alone, in this process.
        #[arg(long)]
        embedded: bool,
        /// Run a script instead of the shell.
        file: Option<PathBuf>,
    },
    /// Say what is wrong with a script, without running it.
    Check {
        /// The script; `-` is standard input.
        file: PathBuf,
        /// Say also what this role may not run.
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
    },
    /// Serve an editor: the language server (LSP) over standard input and output.
    #[command(after_help = "It needs no deployment; with --dir it completes names from one. See docs/editors.md.")]
    Lsp {
        /// What editors pass; there is no other way.
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Print the Rhai that a script lowers to.
    Lower {
        /// The script; `-` is standard input.
        file: PathBuf,
    },
    /// Print the completion script of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}
